// The sunspots of next year, from those of all the years before: a GRU learns the years up to 1950
// and forecasts each year after them, fed one year after the other through a Stream. Draws the
// forecast beside the truth.
//
//     sunspots [PICTURE.svg]
#include <cornu/cornu.hpp>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace cornu;

namespace {

constexpr std::size_t first_year = 1700, trained_years = 251;  // 1700 to 1950
constexpr Scalar unit = 100;                                   // sunspots

std::vector<Scalar> read_sunspots(const std::string& path) {
  std::ifstream in(path);
  std::vector<Scalar> numbers;
  std::string line;
  std::getline(in, line);  // the head
  while (std::getline(in, line))
    numbers.push_back(std::stof(line.substr(line.find(',') + 1)) / unit);
  return numbers;
}

/// Runs of `length` years, each year's target being the year after it.
void cut(const std::vector<Scalar>& years, std::size_t length, Tensor& past, Tensor& next) {
  const std::size_t runs = trained_years - length;
  past = Tensor(Shape{runs, length, 1});
  next = Tensor(Shape{runs, length, 1});
  for (std::size_t n = 0; n < runs; ++n)
    for (std::size_t t = 0; t < length; ++t) {
      past(n, t, 0) = years[n + t];
      next(n, t, 0) = years[n + t + 1];
    }
}

/// A line through numbers at years, as an SVG path.
std::string path_of(const std::vector<Scalar>& numbers, std::size_t from, const char* style) {
  std::ostringstream out;
  for (std::size_t t = from; t < numbers.size(); ++t)
    out << (t == from ? "M" : "L") << 50 + 2.4 * static_cast<double>(t) << ','
        << 260 - 110 * static_cast<double>(numbers[t]);
  return "<path fill='none' " + std::string(style) + " d='" + out.str() + "'/>\n";
}

void draw(const std::string& file, const std::vector<Scalar>& truth,
          const std::vector<Scalar>& forecast) {
  std::ofstream out(file);
  out << "<svg xmlns='http://www.w3.org/2000/svg' width='820' height='310' "
         "font-family='sans-serif' "
         "font-size='12'>\n<rect width='820' height='310' fill='white'/>\n";
  for (int spots = 0; spots <= 200; spots += 50) {
    const double y = 260 - 1.1 * spots;
    out << "<path stroke='#ddd' d='M50," << y << "H790'/><text x='42' y='" << y + 4
        << "' text-anchor='end' fill='#555'>" << spots << "</text>\n";
  }
  for (std::size_t year = first_year; year <= 2000; year += 50)
    out << "<text x='" << 50 + 2.4 * static_cast<double>(year - first_year)
        << "' y='278' text-anchor='middle' fill='#555'>" << year << "</text>\n";
  out << path_of(truth, 0, "stroke='#888' stroke-width='1.2'")
      << path_of(forecast, trained_years, "stroke='#c0392b' stroke-width='1.6'")
      << "<path stroke='#333' stroke-dasharray='4 3' d='M"
      << 50 + 2.4 * static_cast<double>(trained_years) << ",30V260'/>\n"
      << "<text x='" << 46 + 2.4 * static_cast<double>(trained_years)
      << "' y='26' text-anchor='end' fill='#333'>learned</text>\n"
      << "<text x='50' y='300' fill='#888'>sunspots, mean of the year</text>\n"
      << "<text x='230' y='300' fill='#c0392b'>forecast, a year ahead</text>\n</svg>\n";
}

}  // namespace

int main(int argc, char** argv) {
  set_seed(5);
  const std::vector<Scalar> years = read_sunspots(SUNSPOTS_FILE);
  Tensor past, next;
  cut(years, 60, past, next);

  Sequential model;
  model.add<GRU>({.output_dim = 24, .return_sequences = true, .input_shape = {Shape::any, 1}});
  model.add<TimeDistributedDense>({.output_dim = 1});
  model.compile({.optimizer = adam({.lr = 0.005}), .loss = "mse"});
  // Few epochs: more of them learn these years by heart.
  const History history = model.fit(past, next, {.batch_size = 16, .nb_epoch = 25, .verbose = 0});
  std::printf("mean squared error on the years learned: %.4f\n", history["loss"].back());

  // Year after year; the stream remembers what came before.
  Stream stream(model);
  std::vector<Scalar> forecast(years.size());
  Tensor x(Shape{1, 1}), y(Shape{1, 1});
  double error = 0, unchanged = 0;
  for (std::size_t t = 0; t + 1 < years.size(); ++t) {
    x(0, 0) = years[t];
    stream.step(x, y);
    forecast[t + 1] = y(0, 0);
    if (t + 1 < trained_years) continue;
    error += std::pow(years[t + 1] - y(0, 0), 2);
    unchanged += std::pow(years[t + 1] - years[t], 2);
  }
  const double tested = static_cast<double>(years.size() - trained_years);
  std::printf("%zu to %zu, a year ahead: off by %.1f sunspots (root of the mean square)\n",
              first_year + trained_years, first_year + years.size() - 1,
              unit * std::sqrt(error / tested));
  std::printf("who says \"as this year\" is off by %.1f\n", unit * std::sqrt(unchanged / tested));
  const std::string file = argc > 1 ? argv[1] : "sunspots.svg";
  draw(file, years, forecast);
  std::printf("%s\n", file.c_str());
}
