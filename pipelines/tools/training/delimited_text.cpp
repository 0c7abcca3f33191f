#include "pipelines/tools/training/delimited_text.hpp"

namespace chalkstream::pipelines::tools {

namespace {

class delimited_reader {
public:
  delimited_reader(std::string_view text, char separator, bool quotes)
      : text_(text), separator_(separator), quotes_(quotes) {}

  bool at_end() const { return at_ >= text_.size(); }

  delimited_row row() {
    delimited_row made;
    made.line = line_;
    do
      made.fields.push_back(field(made.mistake));
    while (!at_end() && text_[at_] == separator_ && ++at_ != 0);
    end_line();
    return made;
  }

private:
  bool at_line_end() const { return text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n"; }

  std::string field(std::string_view& mistake) {
    if (quotes_ && !at_end() && text_[at_] == '"')
      return quoted(mistake);
    const auto begin = at_;
    while (!at_end() && text_[at_] != separator_ && !at_line_end())
      ++at_;
    return std::string{text_.substr(begin, at_ - begin)};
  }

  std::string quoted(std::string_view& mistake) {
    std::string content;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '"') {
        if (text_.substr(at_, 2) != "\"\"") {
          ++at_;
          if (!at_end() && text_[at_] != separator_ && !at_line_end()) {
            mistake = "a quoted field goes on behind its closing quote; a quote inside one is written as two";
            while (!at_end() && text_[at_] != separator_ && !at_line_end())
              ++at_;
          }
          return content;
        }
        ++at_;
      }
      line_ += text_[at_] == '\n';
      content += text_[at_];
    }
    mistake = "a quoted field has no closing quote";
    return content;
  }

  void end_line() {
    if (at_end())
      return;
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
  }

  std::string_view text_;
  char separator_;
  bool quotes_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

} // namespace

void read_delimited(std::string_view text, char separator, bool quotes,
                    const std::function<void(delimited_row&&)>& take) {
  delimited_reader reader{text, separator, quotes};
  while (!reader.at_end()) {
    auto row = reader.row();
    if (row.fields.size() > 1 || row.fields.front().find_first_not_of(" \r") != std::string::npos)
      take(std::move(row));
  }
}

} // namespace chalkstream::pipelines::tools
