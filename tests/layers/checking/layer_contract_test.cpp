// Every registered layer is held to what Layer promises, in every setting of its examples.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "cornu/layers/checking/layer_check.hpp"
#include "cornu/layers/layer_class.hpp"

namespace {

std::atomic<std::uint64_t> allocation_count{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocation_count;
  void* const memory =
      std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment + alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

TEST_CASE("every registered layer keeps its promises") {
  for (const std::string& name : cornu::layer_class_names()) {
    const cornu::LayerClass layer_class = cornu::find_layer_class(name, "test");
    const std::vector<cornu::LayerExample> examples = layer_class.examples();
    INFO(name);
    CHECK_FALSE(examples.empty());
    for (std::size_t i = 0; i < examples.size(); ++i) {
      INFO("example " << i << " on " << examples[i].inputs[0].to_string_with_samples());
      CHECK(examples[i].layer->class_name() == name);
      const cornu::LayerReport report =
          cornu::check_layer(examples[i], {.allocations = [] { return allocation_count.load(); }});
      INFO(report.to_string());
      CHECK(report.passed());
    }
  }
}
