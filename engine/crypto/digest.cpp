#include "crypto/digest.h"

#include <memory>

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace drift::crypto {

namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Result<Sha256Digest> sha256(std::initializer_list<ByteSpan> parts) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool ok = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto part : parts) ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  Sha256Digest digest;
  unsigned size = 0;
  ok = ok && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) == 1;
  if (!ok || size != digest.size()) return Error(ErrorKind::InternalError, "OpenSSL could not compute SHA-256");
  return digest;
}

Status randomBytes(std::span<std::byte> out) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) != 1)
    return Error(ErrorKind::InternalError, "OpenSSL could not give random bytes");
  return {};
}

}  // namespace drift::crypto
