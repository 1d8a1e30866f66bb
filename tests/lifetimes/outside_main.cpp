// Uses the library before main, in the destructors of static objects, in forked children and in a
// plug-in that is unloaded while its threads wait. Prints a line for each; what is wrong ends it by
// a signal, or by the address sanitizer.
//   outside_main PLUG-IN
#include <cornu/cornu.hpp>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using namespace cornu;

namespace {

std::string file_name() { return "outside-main-" + std::to_string(getpid()) + ".json"; }

/// Everything that looks names up, draws, counts, logs and splits work between threads.
double train_and_reload(const std::string& path) {
  set_num_threads(2);
  Sequential model;
  model.add<Dense>({.output_dim = 512,
                    .init = "he_normal",
                    .activation = "relu",
                    .W_regularizer = l2(1e-4),
                    .W_constraint = maxnorm(4),
                    .input_shape = {256}});
  model.add<BatchNormalization>();
  model.add<Dense>({.output_dim = 1});
  model.compile({.optimizer = adam({.schedule = step_decay({.drop = 0.5, .every = 10})}),
                 .loss = "mse",
                 .metrics = {"mae"}});
  const Tensor x(Shape{256, 256}), y(Shape{256, 1});
  model.fit(x, y, {.batch_size = 128, .nb_epoch = 1, .verbose = 0});
  log::set_sink([](log::Level, std::string_view) {});
  log::warning("heard");
  log::set_sink({});
  model.save(path);
  const double loss = load_model(path)->evaluate(x, y)["loss"];
  std::remove(path.c_str());
  return loss;
}

void say(const char* where, double loss) {
  std::printf("%s: %s\n", where, loss < 1e6 ? "trained, saved and loaded" : "WRONG");
  std::fflush(stdout);
}

/// Made before anything of the library: its destructor runs when all of that would be gone.
struct First {
  First() {}
  ~First() { say("at the very end", train_and_reload(file_name())); }
} first;

struct AroundMain {
  AroundMain() { say("before main", train_and_reload(file_name())); }
  ~AroundMain() {
    say("after main", train_and_reload(file_name()));
    try {
      Dense refused({.output_dim = 1, .init = "he_nomral"});
    } catch (const ConfigError& error) {
      std::printf("after main: %s\n", error.what());
    }
  }
} around_main;

void in_a_child() {
  const pid_t child = fork();
  if (child == 0) {
    const double loss = train_and_reload(file_name());
    _exit(loss < 1e6 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("forked: %s\n", WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "trained" : "WRONG");
}

void in_a_plug_in(const char* path) {
  void* const plug_in = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (plug_in == nullptr) {
    std::printf("plug-in: WRONG, %s\n", dlerror());
    return;
  }
  const auto work = reinterpret_cast<double (*)()>(dlsym(plug_in, "work"));
  const double loss = work();
  dlclose(plug_in);
  // Its threads go to sleep now, and run its code for that.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  say("plug-in", loss);
}

}  // namespace

int main(int, char** arguments) {
  say("in main", train_and_reload(file_name()));
  in_a_child();
  in_a_plug_in(arguments[1]);
}
