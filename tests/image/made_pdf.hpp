// PDF files made for tests: pages of a size with marks drawn on them.
#pragma once

#include <string>
#include <vector>

namespace chalkstream::image {

struct pdf_page {
  std::string media_box = "0 0 144 72"; // points
  std::string marks = {};               // a content stream
  std::string more = {};                // of the page's dictionary: "/Rotate 90"
};

/// Objects 1 (catalogue) and 2 (pages), then two a page; `objects` come behind them, numbered from 3 + 2 * pages.
inline std::string made_pdf(const std::vector<pdf_page>& pages, const std::vector<std::string>& objects = {},
                            const std::string& trailer = "") {
  std::vector<std::string> all{"<</Type/Catalog/Pages 2 0 R>>", ""};
  std::string kids;
  for (const auto& page : pages) {
    const auto number = all.size() + 1;
    kids += std::to_string(number) + " 0 R ";
    all.push_back("<</Type/Page/Parent 2 0 R/MediaBox[" + page.media_box + "]/Contents " + std::to_string(number + 1)
                  + " 0 R " + page.more + ">>");
    all.push_back("<</Length " + std::to_string(page.marks.size()) + ">>stream\n" + page.marks + "\nendstream");
  }
  all[1] = "<</Type/Pages/Count " + std::to_string(pages.size()) + "/Kids[" + kids + "]>>";
  all.insert(all.end(), objects.begin(), objects.end());
  std::string file = "%PDF-1.4\n", table;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto place = std::to_string(file.size());
    table += std::string(10 - place.size(), '0') + place + " 00000 n \n";
    file += std::to_string(i + 1) + " 0 obj\n" + all[i] + "\nendobj\n";
  }
  const auto start = std::to_string(file.size());
  const auto count = std::to_string(all.size() + 1);
  return file + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer\n<</Size " + count + "/Root 1 0 R "
         + trailer + ">>\nstartxref\n" + start + "\n%%EOF\n";
}

/// A stream that draws others, as a form: for `objects`.
inline std::string form(const std::string& marks, const std::string& resources = "") {
  return "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<" + resources + ">>/Length "
         + std::to_string(marks.size()) + ">>stream\n" + marks + "\nendstream";
}

} // namespace chalkstream::image
