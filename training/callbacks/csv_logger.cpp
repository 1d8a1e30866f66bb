#include "cornu/training/callbacks/csv_logger.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"

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
  if (params.resumed) take_off_later_lines();
  auto file = std::make_unique<File>();
  file->handle = std::fopen(options_.filename.c_str(), add ? "ab" : "wb");
  if (!file->handle)
    throw IoError(options_.filename, std::string("cannot be written: ") + std::strerror(errno));
  std::fseek(file->handle, 0, SEEK_END);
  const long size = std::ftell(file->handle);
  file_ = std::move(file);
  bytes_ = static_cast<std::uint64_t>(std::max(size, 0L));
  if (size != 0) return;
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

nlohmann::json CSVLogger::state() const {
  return bytes_ ? nlohmann::json{{"bytes", *bytes_}} : nlohmann::json();
}

void CSVLogger::set_state(const nlohmann::json& state) {
  detail::ObjectReader reader(state, "CSVLogger");
  const std::uint64_t bytes = reader.integer("bytes", 0, std::uint64_t{1} << 53);
  reader.finish();
  bytes_ = bytes;
}

void CSVLogger::take_off_later_lines() const {
  std::error_code error;
  if (!bytes_ || std::filesystem::file_size(options_.filename, error) <= *bytes_ || error) return;
  // Unless a line ends there it is another file, and stays as it is.
  std::ifstream file(options_.filename, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(*bytes_) - 1);
  if (*bytes_ != 0 && file.get() != '\n') return;
  file.close();
  std::filesystem::resize_file(options_.filename, *bytes_, error);
  if (error) throw IoError(options_.filename, "cannot be written: " + error.message());
}

void CSVLogger::write(const std::string& line) {
  if (!file_) throw ConfigError("CSVLogger", "is not in a run");
  const std::string text = line + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_->handle) != text.size() ||
      std::fflush(file_->handle) != 0)
    throw IoError(options_.filename, std::string("cannot be written: ") + std::strerror(errno));
  *bytes_ += text.size();
}

std::shared_ptr<CSVLogger> csv_logger(CSVLoggerOptions options) {
  return std::make_shared<CSVLogger>(std::move(options));
}

}  // namespace cornu
