#include "cornu/core/threads.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "cornu/core/cpu_quota.hpp"
#include "cornu/core/parallel.hpp"
#include "cornu/core/random.hpp"
#include "cornu/kernels/products/products.hpp"
#include "temporary_directory.hpp"

using namespace cornu;

TEST_CASE("the number of threads is chosen, and 0 restores the default") {
  set_num_threads(3);
  CHECK(num_threads() == 3);
  set_num_threads(1000000);  // each would sleep to the end of the process
  CHECK(num_threads() <= std::max(16u, 4 * std::thread::hardware_concurrency()));
  set_num_threads(0);
  const std::size_t present = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t granted = detail::cores_of_quota();
  CHECK(num_threads() == (granted == 0 ? present : std::min(present, granted)));
}

TEST_CASE("a container's share of the cores is read from its control group") {
  const TemporaryDirectory root;
  const auto write = [&](const char* name, const char* text) {
    std::filesystem::create_directories((root.path / name).parent_path());
    std::ofstream(root.path / name) << text;
  };
  CHECK(detail::cores_of_quota(root.path) == 0);
  write("cpu/cpu.cfs_quota_us", "-1\n");  // version 1
  write("cpu/cpu.cfs_period_us", "100000\n");
  CHECK(detail::cores_of_quota(root.path) == 0);
  write("cpu/cpu.cfs_quota_us", "400000\n");
  CHECK(detail::cores_of_quota(root.path) == 4);
  write("cpu.max", "150000 100000\n");  // version 2
  CHECK(detail::cores_of_quota(root.path) == 2);
  write("cpu.max", "50000 100000\n");
  CHECK(detail::cores_of_quota(root.path) == 1);
  for (const char* text : {"max 100000\n", "0 100000\n", "100000 0\n", "nonsense", ""}) {
    std::filesystem::remove_all(root.path / "cpu");
    write("cpu.max", text);
    CHECK(detail::cores_of_quota(root.path) == 0);
  }
}

TEST_CASE("every part runs once") {
  for (const std::size_t threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (std::size_t parts = 0; parts < 20; ++parts)
      for (int round = 0; round < 200; ++round) {
        std::vector<std::atomic<int>> runs(parts);
        detail::parallel(parts, [&](std::size_t part) { ++runs[part]; });
        REQUIRE(std::all_of(runs.begin(), runs.end(), [](const auto& n) { return n == 1; }));
      }
  }
  set_num_threads(0);
}

TEST_CASE("threads that fell asleep wake up for the next job") {
  set_num_threads(2);
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> sum{0};
    detail::parallel(8, [&](std::size_t part) { sum += static_cast<int>(part); });
    CHECK(sum == 28);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  set_num_threads(0);
}

TEST_CASE("jobs inside jobs and from several threads at once are done") {
  set_num_threads(2);
  std::atomic<int> sum{0};
  const auto nested = [&] {
    for (int round = 0; round < 500; ++round)
      detail::parallel(3, [&](std::size_t) { detail::parallel(2, [&](std::size_t) { ++sum; }); });
  };
  std::thread one(nested), two(nested);
  one.join();
  two.join();
  CHECK(sum == 2 * 500 * 6);
  set_num_threads(0);
}

TEST_CASE("shares cover everything once, at multiples of the unit") {
  for (const std::size_t n : {0, 1, 15, 16, 17, 100, 1000})
    for (const std::size_t parts : {1, 2, 3, 7}) {
      std::size_t next = 0;
      for (std::size_t part = 0; part < parts; ++part) {
        const detail::Share share = detail::share_of(n, 16, part, parts);
        REQUIRE(share.first == next);
        REQUIRE((share.first % 16 == 0 || share.first == n));
        next = share.last;
      }
      REQUIRE(next == n);
    }
}

TEST_CASE("products have the same bits with any number of threads") {
  using kernels::Transpose;
  const std::size_t sizes[][3] = {
      {128, 1000, 300}, {1000, 10, 301}, {128, 10, 2000}, {1, 1000, 1500}, {1000, 1, 1500}};
  for (const auto& [m, n, k] : sizes)
    for (const Transpose ta : {Transpose::no, Transpose::yes})
      for (const Transpose tb : {Transpose::no, Transpose::yes}) {
        std::vector<Scalar> a(m * k), b(k * n), one(m * n), two(m * n);
        RandomStream(1, Purpose::user, 1).fill_uniform(a, -1, 1);
        RandomStream(1, Purpose::user, 2).fill_uniform(b, -1, 1);
        const std::size_t lda = ta == Transpose::yes ? m : k, ldb = tb == Transpose::yes ? k : n;
        set_num_threads(1);
        kernels::gemm(ta, tb, m, n, k, 1, a.data(), lda, b.data(), ldb, 0, one.data(), n);
        set_num_threads(3);
        kernels::gemm(ta, tb, m, n, k, 1, a.data(), lda, b.data(), ldb, 0, two.data(), n);
        CHECK(one == two);
      }
  set_num_threads(0);
}
