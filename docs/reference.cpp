// Writes the pages of docs/reference:   reference SOURCE_DIRECTORY
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <cornu/core/text/file.hpp>

#include "reference_pages.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: reference SOURCE_DIRECTORY\n"), 2;
  try {
    for (const auto& [name, text] : reference_pages(argv[1]))
      cornu::write_file_atomically(std::string(argv[1]) + "/docs/reference/" + name,
                                   [&text = text](cornu::Sink& sink) { sink.write(text); });
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
