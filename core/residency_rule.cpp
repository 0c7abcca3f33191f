#include "core/residency_rule.hpp"

#include "core/scaling_workload.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chalkstream {

namespace {

// How long who came back too early waits at most, in down windows.
constexpr int longest_hold = 48;

} // namespace

std::string_view to_string(move_reason reason) noexcept {
  switch (reason) {
  case move_reason::memory:
    return "memory";
  case move_reason::slots:
    return "slots";
  case move_reason::room:
    return "room";
  }
  return "unknown";
}

residency_rule::residency_rule(residency_settings settings)
    : settings_(std::move(settings)), devices_(settings_.memory.size()), loads_(settings_.models.size()),
      worked_(settings_.models.size()) {
  for (std::size_t m = 0; m < settings_.models.size(); ++m)
    for (std::size_t p = 0; p < settings_.models[m].devices.size(); ++p)
      devices_[settings_.models[m].devices[p]].places.push_back(
          {.model = m, .index = p, .hold = settings_.down_window});
}

std::vector<residency_move> residency_rule::decide(time_point now, std::span<const resident_seen> seen) {
  look(now, seen);
  places_seen are;
  for (const auto& m : seen)
    are.push_back(m.places);
  for (std::size_t d = 0; d < devices_.size(); ++d)
    judge(now, d, seen);
  std::vector<residency_move> moves;
  for (auto& d : devices_)
    leave(now, d, are, moves);
  for (std::size_t d = 0; d < devices_.size(); ++d)
    enter(now, d, are, moves);
  return moves;
}

// Until something is known of it a model has work.
void residency_rule::look(time_point now, std::span<const resident_seen> seen) {
  for (std::size_t m = 0; m < loads_.size(); ++m) {
    const auto& policy = settings_.models[m].policy;
    const auto read = believed(policy, now, seen[m].load);
    const auto* w = std::get_if<scaling_workload>(&read);
    loads_[m] = {.known = w != nullptr};
    if (w == nullptr)
      continue;
    if (!w->idle() || !worked_[m])
      worked_[m] = now;
    loads_[m].needed = now - *worked_[m] < policy.idle_after;
    const auto speed = w->rate * static_cast<double>(std::max<std::size_t>(w->ready, 1));
    loads_[m].late = w->pending > 0 && w->pending > speed * in_seconds(policy.drain);
  }
}

void residency_rule::judge(time_point now, std::size_t number, std::span<const resident_seen> seen) {
  auto& d = devices_[number];
  d.known = std::ranges::all_of(d.places, [this](const place& p) { return loads_[p.model].known; });
  if (!d.known) {
    for (auto& p : d.places) {
      p.out_since.reset();
      p.fits_since.reset();
    }
    return;
  }
  const auto late = most_urgent_late(d, seen);
  std::size_t used = 0;
  const auto& memory = settings_.memory[number];
  for (auto* p : in_rank(d, seen)) {
    const auto& model = settings_.models[p->model];
    p->said = verdict::stays;
    if (late && model.urgency > *late && p->index + 1 < model.devices.size())
      p->said = verdict::no_slots;
    else if (model.devices.size() > 1 && memory && (used > *memory || model.bytes > *memory - used))
      p->said = verdict::no_memory;
    else
      used += model.bytes;
    const bool there = seen[p->model].places[p->index].wanted, fits = p->said == verdict::stays;
    p->out_since = there && !fits ? p->out_since.value_or(now) : std::optional<time_point>{};
    p->fits_since = !there && fits ? p->fits_since.value_or(now) : std::optional<time_point>{};
  }
}

std::optional<priority> residency_rule::most_urgent_late(const device& on,
                                                         std::span<const resident_seen> seen) const {
  std::optional<priority> found;
  for (const auto& p : on.places)
    if (const auto urgency = settings_.models[p.model].urgency;
        seen[p.model].places[p.index].loaded && loads_[p.model].late && (!found || urgency < *found))
      found = urgency;
  return found;
}

std::vector<residency_rule::place*> residency_rule::in_rank(device& of, std::span<const resident_seen> seen) {
  std::vector<place*> ranked;
  for (auto& p : of.places)
    ranked.push_back(&p);
  const auto rank = [&](const place* p) {
    const auto& model = settings_.models[p->model];
    const bool needed = loads_[p->model].needed;
    const bool there = seen[p->model].places[p->index].wanted;
    return std::tuple(model.devices.size() > 1, !needed, needed ? model.urgency : priority::exam, !there);
  };
  std::ranges::stable_sort(ranked, [&](const place* a, const place* b) { return rank(a) < rank(b); });
  return ranked;
}

bool residency_rule::stays_somewhere(std::size_t model, const places_seen& are) const {
  for (const auto& d : devices_)
    for (const auto& p : d.places)
      if (p.model == model && are[model][p.index].wanted && (!d.known || p.said == verdict::stays))
        return true;
  return false;
}

std::size_t residency_rule::taken(const device& of, const places_seen& are) const {
  std::size_t sum = 0;
  for (const auto& p : of.places)
    if (const auto& is = are[p.model][p.index]; is.wanted || is.loaded)
      sum += settings_.models[p.model].bytes;
  return sum;
}

void residency_rule::leave(time_point now, device& from, places_seen& are, std::vector<residency_move>& moves) {
  for (auto& p : from.places) {
    auto& is = are[p.model][p.index];
    if (!p.out_since || now - *p.out_since < settings_.up_window)
      continue;
    if (!stays_somewhere(p.model, are))
      continue; // not before it is somewhere else
    is.wanted = false;
    const bool too_early = p.came && now - *p.came < 2 * p.hold;
    p.hold = too_early ? std::min<duration>(2 * p.hold, longest_hold * settings_.down_window) : settings_.down_window;
    p.left = p.said == verdict::no_slots ? move_reason::slots : move_reason::memory;
    moves.push_back({p.model, p.index, false, *p.left});
  }
}

void residency_rule::enter(time_point now, std::size_t number, places_seen& are, std::vector<residency_move>& moves) {
  auto& to = devices_[number];
  const bool others_made_room =
      std::ranges::any_of(to.places, [](const place& p) { return p.left == move_reason::memory; });
  const auto urgency = [this](const place* p) { return settings_.models[p->model].urgency; };
  std::vector<place*> who;
  for (auto& p : to.places)
    if (p.fits_since && !are[p.model][p.index].wanted)
      who.push_back(&p);
  std::ranges::stable_sort(who, [&](const place* a, const place* b) { return urgency(a) < urgency(b); });
  for (auto* p : who) {
    const bool awaited = others_made_room && p->left != move_reason::slots && loads_[p->model].needed;
    const bool at_once = awaited || !stays_somewhere(p->model, are);
    if (!at_once && now - *p->fits_since < p->hold)
      continue;
    const auto& memory = settings_.memory[number];
    const auto bytes = settings_.models[p->model].bytes;
    const bool loaded = are[p->model][p->index].loaded; // it is counted already
    if (const auto used = taken(to, are); memory && !loaded && (used > *memory || bytes > *memory - used))
      continue; // not before the others have gone
    are[p->model][p->index].wanted = true;
    p->came = now;
    p->left.reset();
    moves.push_back({p->model, p->index, true, move_reason::room});
    return; // one at a time
  }
}

} // namespace chalkstream
