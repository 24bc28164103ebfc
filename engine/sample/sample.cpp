#include "sample/sample.h"

#include "api/database.h"
#include "sample/shop_events.h"
#include "sample/shop_writer.h"

namespace drift::sample {

Result<SampleReport> createSample(const std::string& path, const SampleOptions& options) {
  api::OpenOptions open;
  open.create = true;
  open.durability = api::OpenOptions::Durability::Off;
  DRIFT_ASSIGN(const auto database, api::Database::open(path, open));
  SampleReport report;
  {
    ShopWriter writer(database);
    ShopSimulation simulation(writer, options);
    DRIFT_TRY(simulation.run());
    DRIFT_ASSIGN(const auto extent, database->extent());
    report = {extent.last, simulation.orderCount(), simulation.customerCount()};
  }
  DRIFT_TRY(database->close());
  if (options.progress) options.progress(1);
  return report;
}

}  // namespace drift::sample
