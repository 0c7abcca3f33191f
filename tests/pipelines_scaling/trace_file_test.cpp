#include "pipelines/tools/scaling/trace_file.hpp"

#include "pipelines/tools/scaling/oulad_trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <unistd.h>

namespace chalkstream::pipelines::tools {
namespace {

class trace_file_test : public testing::Test {
protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }
  std::string told(std::string_view text, std::size_t scale = 1) const {
    const auto read = read_trace(write("t.csv", text), {}, scale, 1);
    if (read)
      return "accepted";
    const auto& message = read.error().message;
    return message.substr(message.find("t.csv"));
  }

  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("trace-" + std::to_string(getpid()));
};

TEST_F(trace_file_test, records_are_spread_over_their_stretch) {
  const auto file = write("t.csv", "seconds,records,tokens\n0,100,50\n60,0,1\n120,10,2000\n");
  const auto read = read_trace(file, {500, 30, 1, 4}, 1, 1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->arrivals.size(), 110u);
  EXPECT_TRUE(std::ranges::is_sorted(read->arrivals));
  EXPECT_LT(read->arrivals[99], 60);
  EXPECT_GE(read->arrivals[100], 120);
  EXPECT_EQ(read->length, 180) << "the last stretch is as long as the one before it";
  EXPECT_LT(read->arrivals.back(), 180);
  EXPECT_LT(*std::max_element(read->tokens.begin(), read->tokens.begin() + 100), 400);
  EXPECT_EQ(read->work.deadline, 30);
}

TEST_F(trace_file_test, every_record_may_come_several_times) {
  const auto read = read_trace(write("t.csv", "records,seconds\n3,0\n4,10\n"), {}, 5, 1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->arrivals.size(), 35u);
}

TEST_F(trace_file_test, what_is_wrong_is_told_with_its_line) {
  EXPECT_EQ(told("second,records\n0,1\n1,1\n"), "t.csv:1: unknown column 'second'; did you mean 'seconds'?");
  EXPECT_EQ(told("seconds\n0\n1\n"), "t.csv:1: the column 'records' is missing");
  EXPECT_EQ(told("seconds,records\n0,1\n"), "t.csv: expected at least two stretches of time");
  EXPECT_EQ(told(""), "t.csv: expected at least two stretches of time");
  EXPECT_EQ(told("seconds,records\n0,1\n0,1\n"), "t.csv:3: seconds: it does not come after the row before it");
  EXPECT_EQ(told("seconds,records\n0,-1\n1,1\n"),
            "t.csv:2: records: expected a number from 0 to 20000000, found '-1'");
  EXPECT_EQ(told("seconds,records\n0,nan\n1,1\n"),
            "t.csv:2: records: expected a number from 0 to 20000000, found 'nan'");
  EXPECT_EQ(told("seconds,records\n0\n1,1\n"), "t.csv:2: records: expected a number from 0 to 20000000, found ''");
  EXPECT_EQ(told("seconds,records\n0,20000000\n1,1\n"), "t.csv:3: there are more than 20000000 records by here");
  EXPECT_EQ(told("seconds,records\n0,10000000\n1,1\n", 3), "t.csv: 3 times its records are more than 20000000");
}

TEST_F(trace_file_test, a_packed_file_that_is_damaged_is_told) {
  const auto read = read_trace(write("t.csv.gz", "this is not gzip"), {}, 1, 1);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("t.csv.gz: "), std::string::npos);
}

TEST_F(trace_file_test, the_busiest_thirty_days_of_the_dataset_are_taken) {
  write("assessments.csv", "code_module,id_assessment,assessment_type\nAAA,1,TMA\nAAA,2,CMA\n");
  write("studentAssessment.csv", "id_assessment,id_student,date_submitted,is_banked,score\n"
                                 "1,7,-5,0,80\n1,7,100,0,80\n2,8,101,0,\n1,9,129,0,1\n1,9,130,0,1\n1,9,100,1,50\n");
  const auto read = read_oulad(folder, 2, 1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->about, "days 100 to 129 of the Open University's courses, 2 times");
  EXPECT_EQ(read->arrivals.size(), 6u) << "what was banked is left out";
  EXPECT_TRUE(std::ranges::is_sorted(read->arrivals));
  EXPECT_GE(read->arrivals.back(), 29 * 86400.0);
  EXPECT_LT(read->arrivals.back(), 30 * 86400.0);
}

TEST_F(trace_file_test, a_folder_without_the_dataset_is_told) {
  EXPECT_EQ(read_oulad(folder, 1, 1).error().code, errc::not_found);
  write("assessments.csv", "id_assessment,assessment_type\n1,TMA\n");
  write("studentAssessment.csv", "id_assessment,date_submitted,is_banked\n1,tomorrow,0\n");
  const auto read = read_oulad(folder, 1, 1);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("studentAssessment.csv:2: "), std::string::npos);
}

} // namespace
} // namespace chalkstream::pipelines::tools
