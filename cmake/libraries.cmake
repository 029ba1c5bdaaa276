# The libraries of design.md section 10, each as one target. All come from Debian 12.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(RocksDB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(CURL REQUIRED)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)

# Boost 1.81 (Debian's default is 1.74; both may be installed). Asio and Beast are header-only; they are compiled
# in http/*.cc alone.
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 REQUIRED)
find_package(Boost 1.81 QUIET COMPONENTS url)

# Only for x86: codec/gcm.h does without it elsewhere.
find_library(IPSEC_MB_LIBRARY IPSec_MB)
add_library(ipsec_mb INTERFACE)
if(IPSEC_MB_LIBRARY)
  target_link_libraries(ipsec_mb INTERFACE ${IPSEC_MB_LIBRARY})
  target_compile_definitions(ipsec_mb INTERFACE REPRISE_HAVE_IPSEC_MB)
endif()
