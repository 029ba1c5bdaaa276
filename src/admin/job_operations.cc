// StartVerify, DescribeJob, ListJobs and CancelJob: background jobs, and what verification has found.
#include <array>

#include "admin/operations.h"
#include "admin/request.h"
#include "recovery/jobs.h"
#include "s3/ops/services.h"
#include "s3/ops/verify.h"

namespace reprise::admin {
namespace {

void print_number(codec::JsonWriter& w, std::string_view name, std::uint64_t number) {
  w.key(name);
  w.unsigned_integer(number);
}

void print_finding(codec::JsonWriter& w, const s3::VerifyFinding& finding) {
  w.begin_object();
  w.member("Bucket", finding.bucket);
  w.member("Key", finding.key);
  w.member("VersionId", finding.version);
  w.member("Blob", finding.blob);
  w.member("What", finding.what);
  print_number(w, "Block", finding.block);
  print_number(w, "Offset", finding.offset);
  w.end_object();
}

void print_report(codec::JsonWriter& w, const s3::VerifyReport& report) {
  w.begin_object();
  print_number(w, "Blobs", report.blobs);
  print_number(w, "Bytes", report.bytes);
  print_number(w, "Records", report.records);
  print_number(w, "Findings", report.findings);
  w.key("Listed");
  w.begin_array();
  for (const s3::VerifyFinding& finding : report.listed) print_finding(w, finding);
  w.end_array();
  w.end_object();
}

enum class Detail : bool { summary, all };

void print_job(codec::JsonWriter& w, const recovery::Job& job, Detail detail) {
  w.begin_object();
  w.member("JobId", job.id);
  w.member("Kind", job.kind);
  w.member("Subject", job.subject);
  w.member("State", recovery::job_state_name(job.state));
  w.member("Message", job.message);
  print_number(w, "Done", job.done);
  print_number(w, "Total", job.total);
  w.key("Started");
  w.epoch_seconds(job.started_micros);
  if (job.ended_micros != 0) {
    w.key("Ended");
    w.epoch_seconds(job.ended_micros);
  }
  if (detail == Detail::all && job.kind == s3::verify_kind) {
    if (const auto report = s3::verify_report(job); report.ok()) {
      w.key("Verification");
      print_report(w, *report);
    }
  }
  w.end_object();
}

dynamo::OperationResult described(const AdminServices& services, const std::string& id) {
  const auto job = services.s3.jobs.find(id);
  if (!job) return dynamo::api_error(dynamo::ErrorKind::resource_not_found, "there is no job " + id);
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Job");
  print_job(w, *job, Detail::all);
  w.end_object();
  return out;
}

Task<dynamo::OperationResult> start_verify(AdminServices& services, dynamo::OperationRequest) {
  const auto id = co_await s3::start_verify(services.s3);
  if (!id.ok()) co_return error_of(id.error());
  co_return described(services, *id);
}

Task<dynamo::OperationResult> describe_job(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(const std::string id, required_text(request.body, "JobId"));
  co_return described(services, id);
}

Task<dynamo::OperationResult> cancel_job(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(const std::string id, required_text(request.body, "JobId"));
  const Status cancelled = co_await services.s3.jobs.cancel(id);
  if (cancelled.is(Code::not_found)) {
    co_return dynamo::api_error(dynamo::ErrorKind::resource_not_found, "no job " + id + " is running");
  }
  if (!cancelled.ok()) co_return error_of(cancelled);
  co_return described(services, id);
}

Task<dynamo::OperationResult> list_jobs(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(const std::string kind, text_of(request.body, "Kind"));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Jobs");
  w.begin_array();
  for (const recovery::Job& job : services.s3.jobs.list()) {
    if (kind.empty() || job.kind == kind) print_job(w, job, Detail::summary);
  }
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

constexpr std::array operations{
    AdminOperation{"StartVerify", start_verify, Scope::server},
    AdminOperation{"DescribeJob", describe_job, Scope::server},
    AdminOperation{"ListJobs", list_jobs, Scope::server},
    AdminOperation{"CancelJob", cancel_job, Scope::server},
};

}  // namespace

std::span<const AdminOperation> job_operations() { return operations; }

}  // namespace reprise::admin
