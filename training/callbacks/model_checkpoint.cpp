#include "cornu/training/callbacks/model_checkpoint.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu {
namespace detail {
namespace {

constexpr int most_width = 64, most_digits = 30;

/// Takes a number of at most `most` from the front of the text; -1 when there is none or more.
int take_number(std::string_view& text, int most) {
  int value = 0;
  std::size_t used = 0;
  while (used < text.size() && std::isdigit(static_cast<unsigned char>(text[used]))) {
    value = std::min(value * 10 + (text[used] - '0'), most + 1);
    ++used;
  }
  text.remove_prefix(used);
  return used == 0 || value > most ? -1 : value;
}

}  // namespace

PathPattern::PathPattern(std::string place, const std::string& pattern) : place_(std::move(place)) {
  const auto refuse = [&](const std::string& why) -> ConfigError {
    return {place_, "malformed path pattern '" + pattern + "': " + why,
            "write {epoch:02d} or {val_loss:.2f}; a brace itself is {{ or }}"};
  };
  if (pattern.empty()) throw refuse("it is empty");
  std::string literal;
  for (std::string_view rest = pattern; !rest.empty();) {
    const char c = rest[0];
    if ((c == '{' || c == '}') && rest.size() > 1 && rest[1] == c) {
      literal += c;
      rest.remove_prefix(2);
      continue;
    }
    if (c == '}') throw refuse("a '}' without '{'");
    if (c != '{') {
      literal += c;
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t close = rest.find('}');
    if (close == std::string_view::npos) throw refuse("a '{' without '}'");
    const std::string_view inside = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    Piece piece{.text = std::string(inside.substr(0, colon)), .number = true};
    if (piece.text.empty()) throw refuse("'{" + std::string(inside) + "}' has no name");
    const bool epoch = piece.text == "epoch";
    if (epoch) piece.kind = 'd';
    std::string_view format = inside.substr(std::min(colon + 1, inside.size()));
    if (!format.empty() && format[0] == '0') {
      piece.zeros = true;
      format.remove_prefix(1);
    }
    if (!format.empty() && std::isdigit(static_cast<unsigned char>(format[0])))
      piece.width = take_number(format, most_width);
    if (!format.empty() && format[0] == '.') {
      format.remove_prefix(1);
      piece.digits = epoch ? -1 : take_number(format, most_digits);
    }
    if (!format.empty()) {
      piece.kind = format[0];
      format.remove_prefix(1);
    }
    const std::string_view kinds = epoch ? "d" : "feg";
    if (piece.width < 0 || piece.digits < 0 || !format.empty() ||
        kinds.find(piece.kind) == std::string_view::npos)
      throw refuse("'{" + std::string(inside) + "}' has no format of this kind");
    if (!literal.empty()) pieces_.push_back({.text = literal});
    literal.clear();
    pieces_.push_back(std::move(piece));
  }
  if (!literal.empty()) pieces_.push_back({.text = literal});
}

void PathPattern::check(const std::vector<std::string>& scores) const {
  std::vector<std::string> known = scores;
  known.insert(known.begin(), "epoch");
  for (const Piece& piece : pieces_)
    if (piece.number && find_score(known, piece.text) == known.size())
      throw_unknown_name(place_, "score in the path", piece.text, known);
}

std::string PathPattern::fill(std::size_t epoch, const Scores& scores) const {
  std::string path;
  for (const Piece& piece : pieces_) {
    if (!piece.number) {
      path += piece.text;
      continue;
    }
    char text[512];
    const int width = piece.width;
    if (piece.kind == 'd') {
      std::snprintf(text, sizeof text, piece.zeros ? "%0*zu" : "%*zu", width, epoch);
    } else {
      const double value = scores[piece.text];
      const char* format = piece.kind == 'f'   ? (piece.zeros ? "%0*.*f" : "%*.*f")
                           : piece.kind == 'e' ? (piece.zeros ? "%0*.*e" : "%*.*e")
                                               : (piece.zeros ? "%0*.*g" : "%*.*g");
      std::snprintf(text, sizeof text, format, width, piece.digits, value);
    }
    path += text;
  }
  return path;
}

}  // namespace detail

void ModelCheckpointOptions::describe(Fields& fields) {
  fields.field("filepath", filepath, "the file, with places such as {epoch:02d}, {val_loss:.2f}");
  fields.field("monitor", monitor, "the score to watch, for save_best_only");
  fields.field("verbose", verbose, Range::any(), "whether to say what is saved");
  fields.field("save_best_only", save_best_only, "whether only improvements are saved");
  fields.field("save_weights_only", save_weights_only, "whether the weights alone are saved");
  fields.field("mode", mode, {"auto", "min", "max"}, "whether small or large is good");
}

ModelCheckpoint::ModelCheckpoint(ModelCheckpointOptions options)
    : options_(std::move(options)),
      pattern_("ModelCheckpoint", options_.filepath),
      monitor_("ModelCheckpoint", options_.monitor, options_.mode, 0) {
  check_fields([this](Fields& fields) { options_.describe(fields); }, "ModelCheckpoint");
}

void ModelCheckpoint::on_train_begin(TrainingTarget&, const TrainingParams& params) {
  if (options_.save_best_only) monitor_.check(params);
  pattern_.check(params.metrics);
}

void ModelCheckpoint::on_epoch_end(TrainingTarget& target, std::size_t epoch,
                                   const Scores& scores) {
  const std::string path = pattern_.fill(epoch, scores);
  if (options_.save_best_only) {
    const bool first = !monitor_.has_best();
    const double before = monitor_.best(), value = monitor_.value(scores);
    if (!monitor_.improves(value)) {
      if (options_.verbose > 0)
        std::printf("Epoch %05zu: %s did not improve\n", epoch, options_.monitor.c_str());
      return;
    }
    if (options_.verbose > 0 && first)
      std::printf("Epoch %05zu: %s is %0.5f, saving model to %s\n", epoch, options_.monitor.c_str(),
                  value, path.c_str());
    else if (options_.verbose > 0)
      std::printf("Epoch %05zu: %s improved from %0.5f to %0.5f, saving model to %s\n", epoch,
                  options_.monitor.c_str(), before, value, path.c_str());
  } else if (options_.verbose > 0) {
    std::printf("Epoch %05zu: saving model to %s\n", epoch, path.c_str());
  }
  if (options_.save_weights_only)
    target.save_weights(path);
  else
    target.save(path);
  last_path_ = path;
}

nlohmann::json ModelCheckpoint::state() const { return {{"best", monitor_.state()}}; }

void ModelCheckpoint::set_state(const nlohmann::json& state) {
  detail::ObjectReader reader(state, "ModelCheckpoint");
  const nlohmann::json& best = reader.at("best");
  reader.finish();
  monitor_.set_state(best);
}

std::shared_ptr<ModelCheckpoint> model_checkpoint(ModelCheckpointOptions options) {
  return std::make_shared<ModelCheckpoint>(std::move(options));
}

}  // namespace cornu
