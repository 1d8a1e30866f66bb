#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cornu/core/fields.hpp"
#include "cornu/training/callback.hpp"

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

  /// Opens the file and writes the heading. With `append`, and in a resumed run, lines are added to
  /// the file as it stands. Throws IoError.
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  /// Throws IoError when the line cannot be written.
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;
  void on_train_end(TrainingTarget& target) override;

 private:
  struct File;
  void write(const std::string& line);

  CSVLoggerOptions options_;
  std::unique_ptr<File> file_;
};

CORNU_API std::shared_ptr<CSVLogger> csv_logger(CSVLoggerOptions options);

}  // namespace cornu
