#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu::detail {

// Not a public header.

/// Where a reader's bytes come from: a file, in pieces.
class CORNU_API ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `size` bytes into `out`; 0 at the end. Throws IoError.
  virtual std::size_t read(char* out, std::size_t size) = 0;
  /// The next read starts `offset` bytes after the first; beyond the end there are none.
  virtual void seek(std::uint64_t offset) = 0;
};

/// What a JSON text may ask for.
struct JsonLimits {
  std::size_t depth = 64;          ///< of nesting
  std::size_t string = 64 * 1024;  ///< bytes of one string or key
  std::size_t values = 1'000'000;  ///< values that become parts of trees, over the whole text
};

/// Reads JSON (RFC 8259) strictly and piece by piece, from a text in memory or through a window of
/// 64 KiB from a source. Refused, besides what is no JSON: a key twice in one object, nesting
/// beyond the limit, ill-formed UTF-8, numbers beyond double. Every error is a FormatError at
/// `place:line:column`.
class CORNU_API JsonReader {
 public:
  enum class Kind { object, array, string, number, boolean, null };

  /// A place in the text to come back to.
  struct Position {
    std::uint64_t offset = 0, line = 1, line_start = 0;
  };

  /// `text` must outlive the reader.
  JsonReader(std::string_view text, std::string place, const JsonLimits& limits = {});
  /// `source` must outlive the reader.
  JsonReader(ByteSource& source, std::string place, const JsonLimits& limits = {});

  /// The kind of the value that comes next.
  Kind peek();

  void begin_object();
  /// Reads the next key of the object (`first`: its first), or returns false at its end. Whether
  /// the key is new is for the caller to see, and to `fail_twice` if not.
  bool next_key(std::string& key, bool first);
  [[noreturn]] void fail_twice(std::string_view key);
  void begin_array();
  /// Goes to the next element (`first`: the array's first), or returns false at its end.
  bool next_element(bool first);

  std::string string();
  /// The text of a number, valid until the next call.
  std::string_view number();
  bool boolean();
  void null();
  /// The whole next value as a tree.
  nlohmann::json value();
  /// Passes over the next value, looking at brackets and strings only: for what is read later.
  void skip();

  /// An array of exactly `out.size()` numbers. With `allow_nonfinite` the strings "NaN", "Infinity"
  /// and "-Infinity" count as numbers.
  void numbers(Array out, bool allow_nonfinite);
  /// A base64 string of exactly `out.size()` little-endian numbers of four or eight bytes each.
  void base64_numbers(Array out, bool allow_nonfinite);

  /// Refuses anything but white space from here to the end.
  void finish();

  Position position();
  void go_to(const Position& position);

  /// Throws FormatError at the present line and column.
  [[noreturn]] void fail(std::string_view what, std::string_view help = {});

 private:
  static constexpr std::size_t longest_number = 1024;
  static constexpr int end_of_text = -1;

  /// The byte at hand, or that of an offset in the text; or end_of_text.
  int look() {
    if (at_ == end_ && !fill(1)) return end_of_text;
    return static_cast<unsigned char>(*at_);
  }
  int look_at(std::uint64_t offset);
  bool fill(std::size_t wanted);
  void skip_space();
  void expect(char c, const char* what);
  [[noreturn]] void fail_here(std::string_view expected);
  void word(std::string_view text);
  void read_string(std::string& out);
  void skip_string();
  void read_escape(std::string& out);
  unsigned read_hex4();
  void read_utf8(std::string& out);
  void enter();

  std::string place_;
  JsonLimits limits_;
  ByteSource* source_ = nullptr;
  std::vector<char> buffer_;
  const char* text_ = nullptr;   // all of it, when it is in memory
  const char* begin_ = nullptr;  // lines are counted up to here: window_ is its position
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  Position window_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
};

}  // namespace cornu::detail
