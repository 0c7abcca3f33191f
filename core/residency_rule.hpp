// Which models should be on which of their devices, from the load that is seen. A model should be on every device
// that it may be on, so that whoever is idle can serve it, unless
//  - there is no memory for it beside those that come before it: first who can be nowhere else, then who has
//    work, the more urgent first, then who is there already;
//  - or a more urgent model that is there has more waiting than its objective allows: then the slots are that one's.
//    The last of its devices nobody leaves for that: the more urgent goes first there anyway.
// Who leaves has somewhere else to go on; who would be nowhere stays.
//
// It does not flap. Who should leave does so once that has been so for `up_window`; who may come back waits until
// that has been so for `down_window`, for twice as long each time that it proved too early. Only who has work and
// others were sent away for, or who has to leave everywhere else, comes at once. What cannot be believed of any model
// of a device leaves that device as it is, and its windows begin anew.
//
// Pure: no clock, no thread. Ask it at a steady pace.
#pragma once

#include "core/event.hpp"
#include "core/scaling_policy.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace chalkstream {

struct resident_settings {
  priority urgency = priority::normal;
  /// Its objective, how long it counts as having work after it had some, and what is believed of it.
  scaling_settings policy;
  /// By number; the one that is used first at the front.
  std::vector<std::size_t> devices;
  /// That it takes on any of them.
  std::size_t bytes = 0;
};

struct residency_settings {
  /// By device; absent: enough for all.
  std::vector<std::optional<std::size_t>> memory;
  std::vector<resident_settings> models;
  duration up_window{};
  duration down_window = std::chrono::minutes(1);
};

struct place_seen {
  bool wanted = false;
  bool loaded = false;
};

struct resident_seen {
  scaling_observation load;
  /// By its devices, as settings have them.
  std::vector<place_seen> places;
};

enum class move_reason : std::uint8_t {
  memory, // another needs its memory
  slots,  // a more urgent one needs the slots
  room,   // there is room for it
};
std::string_view to_string(move_reason reason) noexcept;

struct residency_move {
  std::size_t model = 0;
  /// Which of its devices.
  std::size_t place = 0;
  /// To be there from now on, or no longer.
  bool wanted = false;
  move_reason why = move_reason::room;
};

class residency_rule {
public:
  /// Every model has a device at least, and every number is one of a device.
  explicit residency_rule(residency_settings settings);

  /// `now` never goes back; `seen` has every model. The caller makes the moves (or fails to: what counts is what is
  /// seen the next time).
  std::vector<residency_move> decide(time_point now, std::span<const resident_seen> seen);

private:
  /// What is believed of a model.
  struct load {
    bool known = false;
    bool needed = false; // has work, or had some lately
    bool late = false;   // more waits than its objective allows
  };
  enum class verdict : std::uint8_t { stays, no_memory, no_slots };
  struct place {
    std::size_t model = 0;
    std::size_t index = 0; // of the model's places
    verdict said = verdict::stays;
    std::optional<time_point> out_since = {};  // it is there and should not be
    std::optional<time_point> fits_since = {}; // it is not there and may be
    std::optional<time_point> came = {};
    std::optional<move_reason> left = {}; // why, if it did
    duration hold{};
  };
  struct device {
    std::vector<place> places;
    bool known = false;
  };
  /// As it is seen, and as it becomes with the moves made so far.
  using places_seen = std::vector<std::vector<place_seen>>;

  void look(time_point now, std::span<const resident_seen> seen);
  void judge(time_point now, std::size_t number, std::span<const resident_seen> seen);
  std::optional<priority> most_urgent_late(const device& on, std::span<const resident_seen> seen) const;
  std::vector<place*> in_rank(device& of, std::span<const resident_seen> seen);
  bool stays_somewhere(std::size_t model, const places_seen& are) const;
  std::size_t taken(const device& of, const places_seen& are) const;
  void leave(time_point now, device& from, places_seen& are, std::vector<residency_move>& moves);
  void enter(time_point now, std::size_t number, places_seen& are, std::vector<residency_move>& moves);

  residency_settings settings_;
  std::vector<device> devices_;
  std::vector<load> loads_;
  std::vector<std::optional<time_point>> worked_; // last, by model
};

} // namespace chalkstream
