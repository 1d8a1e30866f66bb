// The code of docs/guide.md, block by block, compiled out of the page.
#include <catch2/catch.hpp>

#include <cornu/cornu.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "temporary_directory.hpp"

using namespace cornu;

TEST_CASE("the guide's training") {
  const TemporaryDirectory temporary;
  const std::string directory = temporary / "checkpoints";
#include "guide/0.inc"
  {
#include "guide/1.inc"
  } {
#include "guide/2.inc"
    CHECK(model.epochs() >= 5);
  }
  {
#include "guide/3.inc"
  } {
#include "guide/4.inc"
    CHECK(model.optimizer().lr() == 0.001);
  }
  {
#include "guide/5.inc"
  }
}

TEST_CASE("the guide's predicting") {
#include "guide/0.inc"
#include "guide/6.inc"
  CHECK(outputs.size() == 1);
  CHECK(classes.size() == probabilities.shape().front());
#include "guide/7.inc"
  CHECK(many(7, 1) == Approx(probabilities(7, 1)));
}

TEST_CASE("the guide's files") {
  const TemporaryDirectory temporary;
  const std::string directory = temporary.path.string();
#include "guide/0.inc"
#include "guide/8.inc"
  CHECK(loaded->predict(x)(0, 0) == model.predict(x)(0, 0));
  CHECK(same->predict(x)(0, 0) == model.predict(x)(0, 0));
  CHECK(fresh->count_params() == model.count_params());
}

TEST_CASE("the guide's looking") {
#include "guide/0.inc"
#include "guide/9.inc"
  CHECK(report.passed);
}
