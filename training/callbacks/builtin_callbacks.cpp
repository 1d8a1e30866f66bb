#include "cornu/training/callbacks/builtin_callbacks.hpp"

#include "cornu/training/callbacks/csv_logger.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/interrupt.hpp"
#include "cornu/training/callbacks/learning_rate_scheduler.hpp"
#include "cornu/training/callbacks/model_checkpoint.hpp"
#include "cornu/training/callbacks/reduce_lr_on_plateau.hpp"
#include "cornu/training/callbacks/terminate_on_nan.hpp"

namespace cornu::detail {
namespace {

template <class T>
CallbackClass with_options() {
  return described_class<T, Callback>();
}

template <class T>
CallbackClass without_options() {
  return {[](Fields&) -> CallbackPtr { return std::make_shared<T>(); }, [](Fields&) {}};
}

}  // namespace

std::vector<std::pair<std::string, CallbackClass>> builtin_callbacks() {
  return {
      {"CSVLogger", with_options<CSVLogger>()},
      {"EarlyStopping", with_options<EarlyStopping>()},
      {"LearningRateScheduler", with_options<LearningRateScheduler>()},
      {"ModelCheckpoint", with_options<ModelCheckpoint>()},
      {"ReduceLROnPlateau", with_options<ReduceLROnPlateau>()},
      {"StopOnInterrupt", without_options<StopOnInterrupt>()},
      {"TerminateOnNaN", without_options<TerminateOnNaN>()},
  };
}

}  // namespace cornu::detail
