#pragma once

#include <functional>
#include <memory>

#include "cornu/core/fields.hpp"

namespace cornu {

/// What is known by its name of a class derived from `Base` whose constructor takes an option
/// struct.
template <class Base>
struct DescribedClass {
  std::function<std::shared_ptr<Base>(Fields& reader)> make;  ///< from the options that are read
  std::function<void(Fields& fields)> describe;  ///< the default options, for documentation
};

/// Makes the entry of a class `T` with `T::Options` and a constructor that takes them.
template <class T, class Base>
DescribedClass<Base> described_class() {
  return {[](Fields& reader) -> std::shared_ptr<Base> {
            typename T::Options options;
            options.describe(reader);
            return std::make_shared<T>(std::move(options));
          },
          [](Fields& fields) {
            typename T::Options options;
            options.describe(fields);
          }};
}

}  // namespace cornu
