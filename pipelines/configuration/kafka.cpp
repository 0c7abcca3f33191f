#include "pipelines/configuration/kafka.hpp"

#include "pipelines/configuration/rules.hpp"

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

void read_client(config_section& s, kafka_configuration& k, const config_file& file) {
  k.client_where = file.place(s.where("client"));
  for (const auto* entry : s.entries("client")) {
    const auto name = s.name_of("client") + "." + entry->key;
    if (const auto ours = our_name_for(entry->key); !ours.empty())
      file.wrong.push_back({entry->at, name + ": please set kafka." + std::string(ours) + " instead"});
    else if (entry->value.kind != yaml_kind::text) // no word of what was found: it may be a secret
      file.wrong.push_back({entry->value.at, name + ": expected a text or a number"});
    else
      k.client.emplace_back(entry->key, entry->value.text);
  }
}

} // namespace

kafka_configuration read_kafka(config_section s, bool present, const config_file& file) {
  kafka_configuration k;
  if (!present)
    return k;
  s.require("brokers", "host:port of the brokers, or embedded");
  if (const auto brokers = s.text_list("brokers")) {
    k.embedded = brokers->size() == 1 && brokers->front() == "embedded";
    if (!k.embedded)
      for (const auto& part : *brokers)
        k.brokers += (k.brokers.empty() ? "" : ",") + part;
    if (const auto why = k.embedded ? "" : why_no_brokers(k.brokers); !why.empty())
      s.complain("brokers", why);
  }
  if (const auto group = s.text("group")) {
    k.group = *group;
    check_name(s, "group", *group);
  }
  if ((k.instance = s.text("instance")))
    check_name(s, "instance", *k.instance);
  read_client(s, k, file);
  if (const auto way = s.choice("delivery", {"exactly_once", "at_least_once"}))
    k.delivery = *way == 0 ? kafka::delivery::exactly_once : kafka::delivery::at_least_once;
  k.commit_interval = s.time("commit_interval", 1ms, 1min).value_or(k.commit_interval);
  k.commit_records = s.count("commit_records", 1, 1'000'000).value_or(k.commit_records);
  k.session_timeout = s.time("session_timeout", 1s, 30min).value_or(k.session_timeout);
  k.transaction_timeout = s.time("transaction_timeout", 1s, 15min).value_or(k.transaction_timeout);
  if (k.transaction_timeout < 2 * k.commit_interval)
    s.complain(s.has("transaction_timeout") ? "transaction_timeout" : "commit_interval",
               "a transaction must be allowed at least twice the commit_interval");
  k.partitions = static_cast<int>(s.count("partitions", 1, 10'000).value_or(4));
  k.max_message_bytes = s.bytes("max_message_bytes", 1024, 1'000'000'000).value_or(k.max_message_bytes);
  s.close();
  return k;
}

} // namespace chalkstream::pipelines
