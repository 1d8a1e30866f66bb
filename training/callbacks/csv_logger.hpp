#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cornu/core/fields.hpp"
#include "cornu/training/callbacks/callback.hpp"

namespace cornu {

struct CSVLoggerOptions {
  std::string filename = {};
  std::string separator = ",";
  bool append = false;
  void describe(Fields& fields);
};

/// Writes the scores of each epoch as a line of a table: epoch (from 0), then the scores in their
/// order, as the shortest decimal numbers that read back as the same. A line is in the file when
/// its epoch ends.
class CORNU_API CSVLogger final : public Callback {
 public:
  using Options = CSVLoggerOptions;

  /// Throws ConfigError without a filename.
  explicit CSVLogger(CSVLoggerOptions options);
  ~CSVLogger() override;
  CSVLogger(const CSVLogger&) = delete;
  CSVLogger& operator=(const CSVLogger&) = delete;

  /// Opens the file and writes the heading. With `append` lines are added to the file as it stands,
  /// in a resumed run to what it was at the checkpoint: lines of epochs that will be run again are
  /// taken off. Throws IoError.
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  /// Throws IoError when the line cannot be written.
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;
  void on_train_end(TrainingTarget& target) override;

  std::string key() const override { return "CSVLogger " + options_.filename; }
  nlohmann::json state() const override;
  void set_state(const nlohmann::json& state) override;

 private:
  struct File;
  void take_off_later_lines() const;
  void write(const std::string& line);

  CSVLoggerOptions options_;
  std::unique_ptr<File> file_;
  std::optional<std::uint64_t> bytes_;  ///< of the file, at the last line or as a checkpoint says
};

CORNU_API std::shared_ptr<CSVLogger> csv_logger(CSVLoggerOptions options);

}  // namespace cornu
