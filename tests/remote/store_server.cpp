#include "tests/remote/store_server.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace chalkstream::test {

namespace {

pid_t spawn(const std::vector<std::string>& words, int output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const auto& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t with;
  ::posix_spawn_file_actions_init(&with);
  ::posix_spawn_file_actions_adddup2(&with, output, STDOUT_FILENO);
  pid_t process = -1;
  if (::posix_spawnp(&process, arguments[0], &with, nullptr, arguments.data(), environ) != 0)
    process = -1;
  ::posix_spawn_file_actions_destroy(&with);
  return process;
}

bool run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

} // namespace

store_server::store_server(const std::filesystem::path& folder, protocol spoken)
    : log_(folder / (spoken == protocol::https ? "https.log" : "http.log")) {
  std::ofstream{log_};
  std::vector<std::string> words{"python3", "tests/remote/store_server.py", log_.string()};
  if (spoken == protocol::https) {
    words.push_back((folder / "server.pem").string());
    words.push_back((folder / "server.key").string());
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return;
  process_ = spawn(words, ends[1]);
  ::close(ends[1]);
  std::string line;
  for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';)
    line += c;
  port_ = static_cast<std::uint16_t>(std::atoi(line.c_str()));
  ::close(ends[0]);
}

store_server::~store_server() {
  if (process_ <= 0)
    return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::vector<std::string> store_server::requests() const {
  std::ifstream in{log_};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

bool make_certificates(const std::filesystem::path& folder) {
  const auto in = "cd '" + folder.string() + "' && ";
  const std::string key = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 ";
  return run(in + key + "-x509 -subj /CN=authority -keyout authority.key -out authority.pem")
         && run(in + key + "-x509 -subj /CN=stranger -keyout stranger.key -out stranger.pem")
         && run(in + key + "-subj /CN=scans.test -keyout server.key -out server.csr")
         && run(in
                + "echo subjectAltName=DNS:scans.test,DNS:localhost >names && openssl x509 -req -in server.csr -CA "
                  "authority.pem "
                  "-CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem");
}

} // namespace chalkstream::test
