#include "reference_pages.hpp"

#include <cornu/cornu.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;
using Notes = std::vector<cornu::FieldNote>;

std::string trimmed(const std::string& line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string::npos ? "" : line.substr(first);
}

bool is_comment(const std::string& line) { return trimmed(line).rfind("//", 0) == 0; }

/// A comment line without its slashes; what is indented behind them stays so.
std::string without_slashes(const std::string& line) {
  std::string text = trimmed(line);
  text = text.substr(
      text.find_first_not_of('/') == std::string::npos ? text.size() : text.find_first_not_of('/'));
  return text.rfind(' ', 0) == 0 ? text.substr(1) : text;
}

/// The sources of some folders, headers first.
class Sources {
 public:
  Sources(const std::string& root, const std::vector<std::string>& folders) {
    std::vector<fs::path> paths;
    for (const std::string& folder : folders)
      for (const fs::directory_entry& entry :
           fs::recursive_directory_iterator(fs::path(root) / folder))
        if (entry.path().extension() == ".hpp" || entry.path().extension() == ".cpp")
          paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
      return std::pair(a.extension() != ".hpp", a) < std::pair(b.extension() != ".hpp", b);
    });
    for (const fs::path& path : paths) {
      std::ifstream in(path);
      Lines& lines = files_.emplace_back();
      for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
  }

  /// The comment above the first line that contains `text`, or above the declarations that this
  /// line stands among without a comment of its own.
  std::string comment_above(const std::string& text) const {
    const auto [lines, at] = find(text);
    return comment(*lines, at);
  }

  /// The comment directly above a line that contains `text`: above a table's entry.
  std::string comment_of_entry(const std::string& text) const {
    for (const Lines& lines : files_)
      for (std::size_t at = 1; at < lines.size(); ++at)
        if (lines[at].find(text) != std::string::npos && !is_comment(lines[at]) &&
            is_comment(lines[at - 1]))
          return comment(lines, at);
    throw std::runtime_error("no comment above an entry " + text);
  }

  /// The comment above the class or struct that says that its name is `name`.
  std::string comment_of_class_named(const std::string& name) const {
    const std::string returned = "return \"" + name + "\";", held = "name = \"" + name + "\";";
    for (const Lines& lines : files_) {
      for (std::size_t at = 0; at < lines.size(); ++at) {
        if (lines[at].find(returned) == std::string::npos &&
            lines[at].find(held) == std::string::npos)
          continue;
        const auto begins = [&](const char* word) { return lines[at].rfind(word, 0) == 0; };
        while (at > 0 && !begins("class ") && !begins("struct ")) --at;
        return comment(lines, at);
      }
    }
    throw std::runtime_error("no class is named " + name);
  }

  /// From the line that starts with `text` to the brace that closes it; "" when there is none.
  std::string declaration(const std::string& text) const {
    for (const Lines& lines : files_) {
      for (std::size_t at = 0; at < lines.size(); ++at) {
        if (lines[at].rfind(text, 0) != 0) continue;
        std::string result;
        for (; at < lines.size(); ++at) {
          result += lines[at] + "\n";
          if (lines[at] == "};") return result;
        }
      }
    }
    return "";
  }

 private:
  std::pair<const Lines*, std::size_t> find(const std::string& text) const {
    for (const Lines& lines : files_)
      for (std::size_t at = 0; at < lines.size(); ++at)
        if (!is_comment(lines[at]) && lines[at].find(text) != std::string::npos)
          return {&lines, at};
    throw std::runtime_error("no source declares " + text);
  }

  static std::string comment(const Lines& lines, std::size_t at) {
    const std::string declared = lines[at];
    while (at > 0 && !is_comment(lines[at - 1]) && !lines[at - 1].empty()) --at;
    std::size_t first = at;
    while (first > 0 && is_comment(lines[first - 1])) --first;
    if (first == at) throw std::runtime_error("no comment above: " + declared);
    std::string result;
    for (; first < at; ++first) result += without_slashes(lines[first]) + "\n";
    return result;
  }

  std::vector<Lines> files_;
};

std::string in_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

std::string table(const Notes& notes) {
  if (notes.empty()) return "";
  std::string text = "| argument | type | default | range | |\n|---|---|---|---|---|\n";
  for (const cornu::FieldNote& note : notes)
    text += "| `" + note.name + "` | " + note.type + " | " +
            (note.standard.empty() ? "" : "`" + in_cell(note.standard) + "`") + " | " +
            in_cell(note.range) + " | " + in_cell(note.help) + " |\n";
  return text + "\n";
}

std::string page(const std::string& title, const std::string& introduction) {
  return "# " + title +
         "\n\n<!-- Made from the sources by `cmake --build build --target reference_pages`; do not "
         "edit. -->\n\n" +
         introduction + "\n\n";
}

std::string entry(const std::string& name, const std::string& comment, const Notes& notes = {}) {
  return "## " + name + "\n\n" + comment + "\n" + table(notes);
}

bool is_of_every_layer(const cornu::FieldNote& note) {
  return note.name == "name" || note.name == "trainable" || note.name == "input_shape" ||
         note.name == "batch_input_shape";
}

std::string layers_page(const Sources& sources) {
  std::string text, every;
  for (const std::string& name : cornu::layer_class_names()) {
    Notes notes = cornu::document_fields(cornu::find_layer_class(name, "reference").describe);
    const auto own = std::stable_partition(notes.begin(), notes.end(), is_of_every_layer);
    if (every.empty()) every = table({notes.begin(), own});
    text += entry(name, sources.comment_above("class CORNU_API " + name + " "), {own, notes.end()});
  }
  return page("Layers", "N is the number of samples. Every layer also takes:\n\n" + every) + text;
}

std::string initializers_page(const Sources& sources) {
  std::string text = page("Initializers",
                          "`.init = \"he_normal\"`, or `Initializer(\"uniform\", 0.1)` for another "
                          "scale. With fan_in and fan_out of a weight's shape:\n\n" +
                              sources.comment_above("struct Fans"));
  for (const std::string& name : cornu::initializer_names())
    text += entry(name, sources.comment_of_entry("{\"" + name + "\""));
  return text;
}

std::string activations_page(const Sources& sources) {
  std::string text = page("Activations", sources.comment_above("class CORNU_API ActivationName "));
  for (const std::string& name : cornu::activation_names())
    text += entry(name, sources.comment_of_entry("{\"" + name + "\""));
  return text;
}

std::string regularizers_page(const Sources& sources) {
  std::string text = page("Regularizers", "Penalties on weights and on outputs.");
  text += entry("l1, l2, l1l2", sources.comment_above("class CORNU_API Regularizer "));
  text += entry("activity_l1, activity_l2, activity_l1l2",
                sources.comment_above("class CORNU_API ActivityRegularizer "));
  return text;
}

std::string constraints_page(const Sources& sources) {
  std::string text = page("Constraints", sources.comment_above("class CORNU_API Constraint "));
  for (const std::string& name : cornu::constraint_names())
    text += entry(name, sources.comment_above("Constraint " + name + "("));
  return text;
}

std::string objectives_page(const Sources& sources) {
  std::string text =
      page("Objectives",
           "t is the target, p the prediction, both (N, ..., D); epsilon is 1e-7. Unless "
           "its formula is a sum over i, a sample's score is the mean over the last axis.");
  for (const std::string& name : cornu::objective_names()) {
    std::string short_names;
    for (const std::string& alias : cornu::objective_aliases(name))
      short_names += (short_names.empty() ? "\nAlso " : ", ") + ("`" + alias + "`");
    if (!short_names.empty()) short_names += ".\n";
    text += entry(name, sources.comment_of_class_named(name) + short_names);
  }
  return text;
}

std::string metrics_page(const Sources& sources) {
  std::string text =
      page("Metrics",
           "t is the target, p the prediction. Values are of a whole epoch, not means of "
           "its batches' values. Every objective, by each of its names, is a metric too.");
  const std::vector<std::string> objectives = cornu::objective_names();
  for (const std::string& name : cornu::metric_names())
    if (std::find(objectives.begin(), objectives.end(), name) == objectives.end())
      text += entry(name, sources.comment_of_entry("(\"" + name + "\""));
  return text +
         entry("ConfusionMatrix",
               sources.comment_above("class CORNU_API ConfusionMatrix ") + "\n" + "`update`: " +
                   sources.comment_above("void update(ConstView t, ConstView p, double threshold"));
}

std::string optimizers_page(const Sources& sources) {
  std::string text =
      page("Optimizers",
           "p is a parameter, g its gradient, t the number of steps before this one. "
           "A name in lower case is understood too.");
  for (const std::string& name : cornu::optimizer_names()) {
    const std::string declared = "class CORNU_API " + name + " final";
    if (sources.declaration(declared).empty()) continue;  // the name in lower case
    const cornu::OptimizerPtr optimizer = cornu::make_optimizer(name);
    text +=
        entry(name, sources.comment_above(declared),
              cornu::document_fields([&](cornu::Fields& fields) { optimizer->describe(fields); }));
  }
  return text;
}

std::string callbacks_page(const Sources& sources) {
  std::string text =
      page("Callbacks",
           "`.callbacks = {early_stopping({.patience = 3})}` of `fit`; by name "
           "`make_callback(\"TerminateOnNaN\")`, `callback_from_json(...)` of `{\"name\": "
           "\"EarlyStopping\", \"patience\": 3}`, `register_callback<T>(name)` for one of your "
           "own.\n\n" +
               sources.comment_above("class CORNU_API Callback "));
  for (const std::string& name : cornu::callback_names())
    text += entry(name, sources.comment_above("class CORNU_API " + name + " "),
                  cornu::document_fields(cornu::find_callback_class(name, "reference").describe));
  return text + entry("LambdaCallback", sources.comment_above("class CORNU_API LambdaCallback ")) +
         "```cpp\n" + sources.declaration("struct LambdaCallbackOptions {") + "```\n\n" +
         entry("History", sources.comment_above("class CORNU_API History "));
}

std::string schedules_page(const Sources& sources) {
  std::string text =
      page("Learning-rate schedules",
           "`.schedule = cosine_decay({.steps = 1000})` of an optimizer, by steps, or of "
           "LearningRateScheduler, by epochs.");
  for (const std::string& name : cornu::schedule_names()) {
    const cornu::Schedule schedule = cornu::find_schedule(name);
    text += entry(
        name, sources.comment_above("Schedule " + name + "("),
        cornu::document_fields([&](cornu::Fields& fields) { schedule.curve()->describe(fields); }));
  }
  return text;
}

}  // namespace

std::map<std::string, std::string> reference_pages(const std::string& root) {
  return {
      {"layers.md", layers_page(Sources(root, {"layers", "graph", "models"}))},
      {"initializers.md", initializers_page(Sources(root, {"initializations"}))},
      {"activations.md", activations_page(Sources(root, {"layers"}))},
      {"regularizers.md", regularizers_page(Sources(root, {"layers"}))},
      {"constraints.md", constraints_page(Sources(root, {"layers"}))},
      {"objectives.md", objectives_page(Sources(root, {"training"}))},
      {"metrics.md", metrics_page(Sources(root, {"training"}))},
      {"optimizers.md", optimizers_page(Sources(root, {"optimizers"}))},
      {"schedules.md", schedules_page(Sources(root, {"optimizers"}))},
      {"callbacks.md", callbacks_page(Sources(root, {"training"}))},
  };
}
