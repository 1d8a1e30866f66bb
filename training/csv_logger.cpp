#include "cornu/training/csv_logger.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

std::string shortest(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace

struct CSVLogger::File {
  std::FILE* handle = nullptr;
  ~File() {
    if (handle) std::fclose(handle);
  }
};

void CSVLoggerOptions::describe(Fields& fields) {
  fields.field("filename", filename, "the file to write");
  fields.field("separator", separator, "what stands between two columns");
  fields.field("append", append, "whether to add to a file that is there");
}

CSVLogger::CSVLogger(CSVLoggerOptions options) : options_(std::move(options)) {
  if (options_.filename.empty()) throw ConfigError("CSVLogger", "expected a filename, got ''");
}

CSVLogger::~CSVLogger() = default;

void CSVLogger::on_train_begin(TrainingTarget&, const TrainingParams& params) {
  const bool add = options_.append || params.resumed;
  auto file = std::make_unique<File>();
  file->handle = std::fopen(options_.filename.c_str(), add ? "ab" : "wb");
  if (!file->handle)
    throw IoError(options_.filename, std::string("cannot be written: ") + std::strerror(errno));
  std::fseek(file->handle, 0, SEEK_END);
  const bool empty = std::ftell(file->handle) == 0;
  file_ = std::move(file);
  if (!empty) return;
  std::string heading = "epoch";
  for (const std::string& name : params.metrics) heading += options_.separator + name;
  write(heading);
}

void CSVLogger::on_epoch_end(TrainingTarget&, std::size_t epoch, const Scores& scores) {
  std::string line = std::to_string(epoch);
  for (const auto& [name, value] : scores) line += options_.separator + shortest(value);
  write(line);
}

void CSVLogger::on_train_end(TrainingTarget&) { file_.reset(); }

void CSVLogger::write(const std::string& line) {
  if (!file_) throw ConfigError("CSVLogger", "is not in a run");
  const std::string text = line + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_->handle) != text.size() ||
      std::fflush(file_->handle) != 0)
    throw IoError(options_.filename, std::string("cannot be written: ") + std::strerror(errno));
}

std::shared_ptr<CSVLogger> csv_logger(CSVLoggerOptions options) {
  return std::make_shared<CSVLogger>(std::move(options));
}

}  // namespace cornu
