// What a signature costs: the verification of a typical PutItem must stay far below the rest of the request.
#include <benchmark/benchmark.h>

#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/signer.h"
#include "auth/sigv4/verifier.h"
#include "codec/sha256.h"

namespace reprise::auth::sigv4 {
namespace {

struct Sample {
  Sample(std::size_t body_size)
      : clock(1'440'938'160'000'000),
        verifier(VerifierOptions{},
                 std::make_shared<CredentialStore>(std::vector{root_access_key("AKIDEXAMPLE", "secret")}), clock),
        signer({"AKIDEXAMPLE", "secret", "eu-west-1"}),
        body(body_size, 'x') {
    headers = {{"Host", "127.0.0.1:8000"},
               {"Accept-Encoding", "identity"},
               {"X-Amz-Target", "DynamoDB_20120810.PutItem"},
               {"Content-Type", "application/x-amz-json-1.0"},
               {"User-Agent", "Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27"},
               {"X-Amz-Date", date.text()},
               {"Content-Length", "300"}};
    authorization = signer.authorization(view(), date.text());
    headers.push_back({"Authorization", authorization});
  }
  [[nodiscard]] RequestView view() const { return {"POST", "/", headers, body, {}}; }

  AmzDate date{1'440'938'160};
  ManualClock clock;
  Verifier verifier;
  Signer signer;
  Bytes body;
  std::vector<Header> headers;
  std::string authorization;
};

void verify_put_item(benchmark::State& state) {
  const Sample sample(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto verified = sample.verifier.verify(sample.view());
    if (!verified.ok()) state.SkipWithError("the signature was refused");
    benchmark::DoNotOptimize(verified);
  }
}
BENCHMARK(verify_put_item)->Arg(300)->Arg(4096)->Arg(400'000);

void verify_put_item_from_all_threads(benchmark::State& state) {
  static const Sample sample(300);
  for (auto _ : state) benchmark::DoNotOptimize(sample.verifier.verify(sample.view()));
}
BENCHMARK(verify_put_item_from_all_threads)->Threads(2)->UseRealTime();

void sign_put_item(benchmark::State& state) {
  Sample sample(300);
  for (auto _ : state) benchmark::DoNotOptimize(sample.signer.authorization(sample.view(), sample.date.text()));
}
BENCHMARK(sign_put_item);

void derive_key(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(derive_signing_key("secret", {"20150830", "eu-west-1", "dynamodb"}));
}
BENCHMARK(derive_key);

void sha256_of(benchmark::State& state) {
  const Bytes body(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(codec::sha256(body));
}
BENCHMARK(sha256_of)->Arg(100)->Arg(300)->Arg(400);

}  // namespace
}  // namespace reprise::auth::sigv4
