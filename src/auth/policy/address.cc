// IP addresses and networks of policy conditions. Both families share one form, IPv4 as ::ffff:a.b.c.d, so that a
// client that came over a dual-stack socket is the same client.
#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <string>

#include "auth/policy/condition.h"

namespace reprise::auth::policy {
namespace {

constexpr std::size_t address_bytes = 16;
constexpr int address_bits = 128;
constexpr int v4_prefix_bits = 96;

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  constexpr std::size_t text_max = 64;
  if (text.size() >= text_max) return std::nullopt;
  char terminated[text_max] = {};
  std::memcpy(terminated, text.data(), text.size());
  Address out{};
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, terminated, out.data()) != 1) return std::nullopt;
    return out;
  }
  constexpr std::size_t v4_offset = 12;
  out[10] = out[11] = '\xff';
  if (inet_pton(AF_INET, terminated, out.data() + v4_offset) != 1) return std::nullopt;
  return out;
}

std::optional<std::string> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto address = parse_address(host);
  if (!address) return std::nullopt;
  std::string network(address->data(), address->size());
  const int offset = host.find(':') == std::string_view::npos ? v4_prefix_bits : 0;
  int bits = address_bits - offset;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    int given = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), given);
    if (error != std::errc() || end != length.data() + length.size() || given < 0 || given > bits) return std::nullopt;
    bits = given;
  }
  bits += offset;
  constexpr int byte_bits = 8;
  for (int i = 0; i < address_bits; i += byte_bits) {
    const int ones = bits <= i ? 0 : bits - i >= byte_bits ? byte_bits : bits - i;
    network.push_back(static_cast<char>(0xff00 >> ones));
  }
  return network;
}

int network_bits(std::string_view network) {
  int bits = 0;
  for (const char c : network.substr(address_bytes)) bits += __builtin_popcount(static_cast<unsigned char>(c));
  return bits;
}

}  // namespace reprise::auth::policy
