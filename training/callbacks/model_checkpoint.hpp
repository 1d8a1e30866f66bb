#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/callbacks/monitor.hpp"

namespace cornu {

namespace detail {

/// A file's path with places for the epoch and scores: "model-{epoch:02d}-{val_loss:.2f}.json".
/// After the colon stand, all of them optional, 0 (pad with zeros), a width, a point with the
/// number of digits, and one of d (epoch only), f, e, g. "{{" and "}}" are braces.
class CORNU_API PathPattern {
 public:
  /// Throws ConfigError when the pattern is malformed.
  PathPattern(std::string place, const std::string& pattern);
  /// Throws ConfigError when a named score is none of these.
  void check(const std::vector<std::string>& scores) const;
  std::string fill(std::size_t epoch, const Scores& scores) const;

 private:
  struct Piece {
    std::string text;  ///< literal text, or a name where `number` is set
    bool number = false;
    bool zeros = false;
    int width = 0, digits = 6;
    char kind = 'f';
  };
  std::string place_;
  std::vector<Piece> pieces_;
};

}  // namespace detail

struct ModelCheckpointOptions {
  std::string filepath = {};
  std::string monitor = "val_loss";
  int verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  void describe(Fields& fields);
};

/// Saves the model after every epoch, or with save_best_only after those in which the watched score
/// improved; whole (`Model::save`), or its weights alone. Give it last in `callbacks`, so that what
/// it saves holds what the others have done.
class CORNU_API ModelCheckpoint final : public Callback {
 public:
  using Options = ModelCheckpointOptions;

  /// Throws ConfigError when the path's pattern is malformed or an option is out of range.
  explicit ModelCheckpoint(ModelCheckpointOptions options);

  /// Throws ConfigError when the run has not the scores that are watched or stand in the path.
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  /// Throws IoError when the file cannot be written.
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;
  std::string key() const override { return "ModelCheckpoint " + options_.filepath; }
  nlohmann::json state() const override;
  void set_state(const nlohmann::json& state) override;

  /// The last file written, or "".
  const std::string& last_path() const noexcept { return last_path_; }

 private:
  ModelCheckpointOptions options_;
  detail::PathPattern pattern_;
  detail::Monitor monitor_;
  std::string last_path_;
};

CORNU_API std::shared_ptr<ModelCheckpoint> model_checkpoint(ModelCheckpointOptions options);

}  // namespace cornu
