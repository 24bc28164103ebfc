#include "storage/live_store.h"

#include <utility>

namespace drift::storage {

void CommitGate::enter() {
  std::unique_lock lock(m_mutex);
  m_changed.wait(lock, [this] { return !m_closed; });
  ++m_inside;
}

void CommitGate::leave() {
  const std::scoped_lock lock(m_mutex);
  if (--m_inside == 0) m_changed.notify_all();
}

void CommitGate::close() {
  std::unique_lock lock(m_mutex);
  m_closed = true;
  m_changed.wait(lock, [this] { return m_inside == 0; });
}

void CommitGate::open() {
  const std::scoped_lock lock(m_mutex);
  m_closed = false;
  m_changed.notify_all();
}

namespace {

/// A commit on its way through.
class Passage final {
 public:
  explicit Passage(CommitGate& gate) : m_gate(gate) { m_gate.enter(); }
  ~Passage() { m_gate.leave(); }
  Passage(const Passage&) = delete;

 private:
  CommitGate& m_gate;
};

}  // namespace

LiveStore::~LiveStore() {
  // Whoever wants to know of a failure calls close(); what was acknowledged is on disk either way.
  (void)close().ok();
}

std::shared_ptr<StoreImpl> LiveStore::current() const {
  const std::scoped_lock lock(m_mutex);
  return m_current;
}

void LiveStore::replaceWith(std::shared_ptr<StoreImpl> store) {
  const std::scoped_lock lock(m_mutex);
  m_current.swap(store);
}

Result<CommitReceipt> LiveStore::commit(CommitRequest request, const Validator& validate) {
  const Passage passage(m_gate);
  return current()->commit(std::move(request), validate);
}

Status LiveStore::checkpoint() {
  const Passage passage(m_gate);
  return current()->checkpoint();
}

Result<bool> LiveStore::refresh() {
  const auto store = current();
  DRIFT_ASSIGN(const bool changed, store->refresh());
  if (changed || !store->options().readOnly) return changed;
  // Another process may have put a rewritten file in this one's place; the old one gets no more commits.
  DRIFT_ASSIGN(const auto id, fileIdAt(m_files, m_path));
  if (id == store->fileId()) return false;
  DRIFT_ASSIGN(auto next, openStore(m_files, m_path, m_clock, store->options()));
  replaceWith(std::move(next));
  return true;
}

Status LiveStore::close() {
  const std::scoped_lock rewrite(m_rewriteMutex);
  return current()->close();
}

}  // namespace drift::storage
