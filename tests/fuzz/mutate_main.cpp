// A fuzz target as a plain program, without libFuzzer: its seeds, and mutations of them from a printed seed.
// DRIFT_SEED=n repeats a run; DRIFT_ROUNDS=n is the number of mutations.
#include <csignal>
#include <cstdio>
#include <cstring>

#include <unistd.h>

#include "seeds.h"
#include "target.h"

using namespace drift;

namespace {

char g_where[128];  // for the signal handler, which may not allocate

void tellWhere(int signal) {
  (void)!write(STDERR_FILENO, g_where, std::strlen(g_where));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// One change such as damage, or a fuzzer, makes.
void mutate(Bytes& bytes, const std::vector<Bytes>& seeds, faults::Random& random) {
  if (bytes.empty()) return bytes.push_back(std::byte{0});
  const auto at = random.below(bytes.size());
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto some = static_cast<std::ptrdiff_t>(1 + random.below(std::min<std::uint64_t>(bytes.size() - at, 64)));
  switch (random.below(9)) {
    case 0: *place ^= static_cast<std::byte>(1u << random.below(8)); break;
    case 1: *place = static_cast<std::byte>(random.next()); break;
    case 2: {
      static constexpr unsigned char kEdges[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe};
      std::fill_n(place, some, static_cast<std::byte>(kEdges[random.below(sizeof kEdges)]));
      break;
    }
    case 3: bytes.erase(place, place + some); break;
    case 4: bytes.insert(place, static_cast<std::size_t>(some), static_cast<std::byte>(random.next())); break;
    case 5: bytes.resize(at); break;
    case 6: {  // a large number where a length may stand
      Bytes number;
      ByteWriter(number).varint(random.next() >> random.below(64));
      bytes.insert(bytes.erase(place), number.begin(), number.end());
      break;
    }
    case 7: {
      const auto from = random.below(bytes.size() - static_cast<std::uint64_t>(some) + 1);
      std::memmove(bytes.data() + at, bytes.data() + from, static_cast<std::size_t>(some));
      break;
    }
    case 8: {  // the beginning of one, the end of another
      const auto& other = seeds[random.below(seeds.size())];
      bytes.resize(at);
      if (at < other.size()) bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(at), other.end());
      break;
    }
  }
}

void run(const Bytes& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main() {
  const auto seeds = fuzz::seedsFor(DRIFT_FUZZ_TARGET);
  const auto seed = faults::numberFromEnvironment("DRIFT_SEED", 1);
  const auto rounds = faults::numberFromEnvironment("DRIFT_ROUNDS", 2000);
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(signal, tellWhere);
  std::printf("%s: %zu inputs, seed %llu\n", DRIFT_FUZZ_TARGET, seeds.size(), static_cast<unsigned long long>(seed));
  if (seeds.empty()) return 1;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::snprintf(g_where, sizeof g_where, "input %zu as it is\n", i);
    run(seeds[i]);
  }
  for (std::uint64_t round = 0; round < rounds; ++round) {
    faults::Random random(seed * 1'000'003 + round);
    std::snprintf(g_where, sizeof g_where, "mutation %llu of seed %llu\n", static_cast<unsigned long long>(round),
                  static_cast<unsigned long long>(seed));
    auto bytes = seeds[random.below(seeds.size())];
    for (auto changes = random.between(1, 4); changes > 0; --changes) mutate(bytes, seeds, random);
    run(bytes);
  }
  std::printf("%llu mutations\n", static_cast<unsigned long long>(rounds));
  return 0;
}
