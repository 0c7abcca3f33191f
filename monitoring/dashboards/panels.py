"""What the dashboards show: the reviewed source. generate.py makes Grafana's JSON of it; nobody edits the JSON.

A panel is title, unit (Grafana's name), what it tells a person, and its queries as (PromQL, legend). PIPELINES and MODELS stand
for what the person has selected, WINDOW for a range that fits the zoom. `shows` says what a short run must give, which the tests
hold every query to: "always" values, "writers" only with a model that writes,
"alerts" only once an alert is pending, "overrides" only where a pipeline reads what people made of grades. `exemplars` shows single
traced records beside the last query's line, of its histogram.
"""
from dataclasses import dataclass, field

PIPELINES = 'job=~"$job",pipeline=~"$pipeline"'
MODELS = 'job=~"$job",model=~"$model"'
PROCESSES = 'job=~"$job"'
WINDOW = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    title: str
    unit: str
    tells: str
    queries: list
    kind: str = "timeseries"  # or stat, bargauge
    width: int = 8
    stacked: bool = False
    exemplars: bool = False
    shows: str = "always"


@dataclass(frozen=True)
class Dashboard:
    file: str
    uid: str
    title: str
    tells: str
    variables: dict  # name: query that gives its values
    rows: list = field(default_factory=list)  # (title, panels)


def rate(metric, by, labels=PIPELINES):
    return f"sum by ({by}) (rate(chalkstream_{metric}{{{labels}}}[{WINDOW}]))"


def quantile(share, metric, by, labels=PIPELINES):
    return f"histogram_quantile({share}, sum by (le, {by}) (rate(chalkstream_{metric}_bucket{{{labels}}}[{WINDOW}])))"


def mean(metric, by, labels=PIPELINES, window=WINDOW):
    parts = [f"sum by ({by}) (rate(chalkstream_{metric}_{part}{{{labels}}}[{window}]))" for part in ("sum", "count")]
    return " / ".join(parts)


def share_of(part, whole):
    return f"{part} / ({whole})"


def median_and_tail(metric, by, labels=PIPELINES, legend="{{pipeline}}"):
    return [(quantile(0.5, metric, by, labels), f"{legend} p50"), (quantile(0.99, metric, by, labels), f"{legend} p99")]


PIPELINE_VALUES = "label_values(chalkstream_records_total, pipeline)"
FINISHED = f"{rate('results_total', 'pipeline')} + {rate('dead_letters_total', 'pipeline')}"

OPERATIONS = Dashboard(
    "operations.json", "chalkstream-operations", "Chalkstream: operations",
    "Whether submissions come out, how soon, and what holds them up.",
    {"job": "label_values(chalkstream_build_info, job)", "pipeline": PIPELINE_VALUES,
     "model": "label_values(chalkstream_drain_seconds, model)"},
    [
        ("Flow", [
            Panel("Records read", "cps", "Records a second that were read from each pipeline's topic.",
                  [(rate("records_total", "pipeline"), "{{pipeline}}")]),
            Panel("Results committed", "cps", "Results a second that readers can see, by whether they went out by themselves or to a person.",
                  [(rate("results_total", "pipeline, decision"), "{{pipeline}} {{decision}}")], stacked=True),
            Panel("Dead letters", "cps", "Records a second that could not be understood or worked on, by reason. Some of every reason but "
                  "crashed_process are the senders' mistakes.",
                  [(rate("dead_letters_total", "pipeline, reason") + " > 0", "{{pipeline}} {{reason}}")], stacked=True),
            Panel("Kafka lag", "short", "Records of the topic that no process has read. By itself it says nothing of time: see the next one.",
                  [(f"sum by (pipeline) (chalkstream_kafka_lag_records{{{PIPELINES}}})", "{{pipeline}}")]),
            Panel("Time to empty the topic", "s", "What is not read yet, at the rate at which records were finished lately. Infinite while nothing "
                  "is finished though something waits.",
                  [("pipeline:chalkstream_topic_drain_seconds:rate5m{pipeline=~\"$pipeline\"}", "{{pipeline}}")]),
            Panel("In flight", "short", "Records that were read and are not committed. At its limit (engine.in_flight) nothing more is read.",
                  [(f"sum by (pipeline) (chalkstream_in_flight_records{{{PIPELINES}}})", "{{pipeline}}")]),
        ]),
        ("Latency", [
            Panel("From intake to the committed result", "s", "What a learner waits for, without the time in Kafka before the record was read.",
                  median_and_tail("request_duration_seconds", "pipeline"), width=12, exemplars=True),
            Panel("Where the time goes", "s", "The mean of each part. Publishing is a transaction's, which many records share; computing is a batch's.",
                  [(mean("prepare_duration_seconds", "pipeline"), "{{pipeline}} prepare"),
                   (mean("queue_duration_seconds", "pipeline"), "{{pipeline}} queue"),
                   (mean("publish_duration_seconds", "pipeline"), "{{pipeline}} publish"),
                   (mean("compute_duration_seconds", "model", MODELS), "{{model}} compute")], width=12),
            Panel("Prepare", "s", "Decoding and tokenising one record, or finding pages and lines.",
                  median_and_tail("prepare_duration_seconds", "pipeline"), width=6, exemplars=True),
            Panel("Queue", "s", "Ready, until a slot took it. This is what more replicas shorten.",
                  median_and_tail("queue_duration_seconds", "pipeline"), width=6, exemplars=True),
            Panel("Compute", "s", "One batch inside the model.",
                  median_and_tail("compute_duration_seconds", "model, device", MODELS, "{{model}} {{device}}"), width=6, exemplars=True),
            Panel("Publish", "s", "One transaction, begin to commit: the broker's share.",
                  median_and_tail("publish_duration_seconds", "pipeline"), width=6, exemplars=True),
        ]),
        ("Deadlines", [
            Panel("Deadline slack", "s", "Time left when a slot took the record: the median, and what all but one in twenty had. Below 0 is too late.",
                  [(quantile(0.5, "deadline_slack_seconds", "pipeline"), "{{pipeline}} p50"),
                   (quantile(0.05, "deadline_slack_seconds", "pipeline"), "{{pipeline}} p5")], width=12),
            Panel("Deadlines missed", "cps", "Records that were given up before they cost anything (shed), and results that became visible too late.",
                  [(rate("deadline_missed_total", "pipeline, action"), "{{pipeline}} {{action}}")], width=12),
        ]),
        ("Models and devices", [
            Panel("Drain time", "s", "What waits for each model, in seconds of its work at the present rate, in the process that has most. Scale by this.",
                  [("model:chalkstream_drain_seconds:max{model=~\"$model\"}", "{{model}}")]),
            Panel("Replicas", "short", "Slots that may run the model at once, over all processes.",
                  [(f"sum by (model) (chalkstream_replicas{{{MODELS}}})", "{{model}}")]),
            Panel("Models by device", "short", "Processes that have the model loaded on the device. It may be on several at once, and an autoscaler moves it between them.",
                  [(f"sum by (model, device) (chalkstream_model_resident{{{MODELS}}})", "{{model}} {{device}}")]),
            Panel("Replicas wanted", "short", "By the autoscaler, of each model or of processes: what it wants, or wanted when it last could tell.",
                  [(f"max by (target) (chalkstream_autoscale_wanted_replicas{{{PROCESSES}}})", "{{target}}")]),
            Panel("Autoscaling held", "cps", "Looks a second at which nothing was decided, and why: metrics that cannot be had or believed change nothing.",
                  [(f"sum by (target, reason) (rate(chalkstream_autoscale_holds_total{{{PROCESSES}}}[{WINDOW}]))", "{{target}} {{reason}}")]),
            Panel("Busy slots", "percentunit", "The share of the time in which slots computed. Near 1 with a growing drain time: more is needed.",
                  [(f"avg by (device, instance) (chalkstream_slot_busy_ratio{{{PROCESSES}}})", "{{instance}} {{device}}")]),
            Panel("Batch fill", "percentunit", "Tokens of a batch over its budget. Low while there is little work, which is as it should be.",
                  [(mean("batch_fill_ratio", "model", MODELS), "{{model}}")]),
            Panel("Records in a batch", "short", "The mean; batches are made of what waits.",
                  [(mean("batch_records", "model", MODELS), "{{model}}")]),
            Panel("Tokens", "cps", "Tokens a second: read by the model, written by it, and padding, which packed batches have none of.",
                  [(rate("batch_tokens_sum", "model", MODELS), "{{model}} read"),
                   (rate("written_tokens_total", "model", MODELS), "{{model}} written"),
                   (rate("padding_tokens_total", "model", MODELS), "{{model}} padding")]),
            Panel("Waiting for a slot", "short", "Records that are ready.",
                  [(f"sum by (model) (chalkstream_pending_records{{{MODELS}}})", "{{model}}")]),
            Panel("Until the first token", "s", "Of models that write: from ready to the first token.",
                  median_and_tail("first_token_seconds", "model", MODELS, "{{model}}"), shows="writers"),
            Panel("Model loads", "short", "Attempts to load, by device and outcome, since each process began.",
                  [(f"sum by (model, device, outcome) (chalkstream_model_loads_total{{{MODELS}}})", "{{model}} {{device}} {{outcome}}")]),
        ]),
        ("Kafka and faults", [
            Panel("Transactions", "cps", "Transactions a second. Aborted ones lose nothing and are tried again, but say that the broker or the group is unwell.",
                  [(rate("transactions_total", "pipeline, outcome"), "{{pipeline}} {{outcome}}")]),
            Panel("Rebalances", "short", "Changes of each pipeline's partitions in the last quarter of an hour.",
                  [(f"sum by (pipeline) (increase(chalkstream_rebalances_total{{{PIPELINES}}}[15m]))", "{{pipeline}}")]),
            Panel("Alerts", "short", "What is firing or about to.",
                  [('count by (alertname, alertstate) (ALERTS{alertname=~"Chalkstream.*"})', "{{alertname}} {{alertstate}}")], shows="alerts"),
            Panel("Processes", "short", "Of each version.",
                  [(f"count by (version, librdkafka, libtorch) (chalkstream_build_info{{{PROCESSES}}})",
                    "{{version}}, librdkafka {{librdkafka}}, LibTorch {{libtorch}}")]),
            Panel("Processor", "short", "Cores in use.",
                  [(f"rate(process_cpu_seconds_total{{{PROCESSES}}}[{WINDOW}])", "{{instance}}")]),
            Panel("Memory", "bytes", "Resident, mapped weights that are in use included.",
                  [(f"process_resident_memory_bytes{{{PROCESSES}}}", "{{instance}}")]),
            Panel("Open files", "short", "File descriptors.", [(f"process_open_fds{{{PROCESSES}}}", "{{instance}}")]),
            Panel("Log lines dropped", "cps", "Lines a second that nobody read in time.",
                  [(f"rate(chalkstream_log_lines_dropped_total{{{PROCESSES}}}[{WINDOW}])", "{{instance}}")]),
        ]),
    ])


def group_mean(window):
    return mean("group_score_ratio", "pipeline, by, group", window=window)


EDUCATION = Dashboard(
    "education.json", "chalkstream-education", "Chalkstream: grades",
    "What is graded, how surely, how it changes, and whether some are graded otherwise than the rest. Figures alone: nothing here names a learner.",
    {"job": "label_values(chalkstream_build_info, job)", "pipeline": PIPELINE_VALUES},
    [
        ("Scores", [
            Panel("Mean score", "percentunit", "Of the highest possible, over the last hour.",
                  [(mean("score_ratio", "pipeline", window="1h"), "{{pipeline}}")]),
            Panel("Distribution of scores", "short", "Scores of the last day, by the upper end of each tenth.",
                  [(f"sum by (le) (increase(chalkstream_score_ratio_bucket{{{PIPELINES}}}[1d]))", "{{le}}")], kind="bargauge"),
            Panel("Drift of scores", "percentunit", "How far the last hour's distribution lies from the last week's: the largest difference of their shares "
                  "below any score (Kolmogorov and Smirnov's distance). 0 is the same, 1 nothing in common.",
                  [("pipeline:chalkstream_score_drift:ks1h_1w{pipeline=~\"$pipeline\"}", "{{pipeline}}")]),
        ]),
        ("People", [
            Panel("Review rate", "percentunit", "The share of results that go to a person.",
                  [(f"sum by (pipeline) (rate(chalkstream_results_total{{{PIPELINES},decision=\"review\"}}[{WINDOW}])) / "
                    + rate("results_total", "pipeline"), "{{pipeline}}")]),
            Panel("Why", "cps", "Reasons a second; a result may have several.",
                  [(rate("review_reasons_total", "reason"), "{{reason}}")], stacked=True),
            Panel("Agreement with human overrides", "percentunit", "Of the last week's grades of which people said what they made: how many they left as they were, to the "
                  "nearest step of the scale, and how many they moved by one step at most. Of the pipelines that read overrides.",
                  [("pipeline:chalkstream_override_exact:ratio_rate1w{pipeline=~\"$pipeline\"}", "{{pipeline}} exact"),
                   ("pipeline:chalkstream_override_adjacent:ratio_rate1w{pipeline=~\"$pipeline\"}", "{{pipeline}} exact or adjacent")], shows="overrides"),
            Panel("Kappa with human overrides", "short", "Quadratic weighted kappa between people's scores and the engine's over the last week: 1 is the same, 0 what chance would give. "
                  "0.7 is a common bar for essays. Where only what is wrong is overridden it is low by nature.",
                  [("pipeline:chalkstream_override_kappa:1w{pipeline=~\"$pipeline\"}", "{{pipeline}}")], shows="overrides"),
            Panel("Mean difference to human overrides", "percentunit", "People's scores less the engine's, of the highest possible, over the last week. Above 0 the engine is too strict.",
                  [("pipeline:chalkstream_override_difference:mean1w{pipeline=~\"$pipeline\"}", "{{pipeline}}")], shows="overrides"),
            Panel("Overrides", "short", "Of the last day, by how near the grade was. Unknown: the grade is not among those that are remembered, or has nothing to compare.",
                  [(f"sum by (pipeline, agreement) (increase(chalkstream_overrides_total{{{PIPELINES}}}[1d]))", "{{pipeline}} {{agreement}}")], stacked=True,
                  shows="overrides"),
            Panel("Agreement with similar graded answers", "percentunit", "Of grades with graded answers to the same question beside them: how often the verdict (right or not) is "
                  "what people gave to the most similar of these.",
                  [(f"sum by (pipeline) (rate(chalkstream_graded_agreements_total{{{PIPELINES},agrees=\"yes\"}}[1h])) / "
                    f"sum by (pipeline) (rate(chalkstream_graded_agreements_total{{{PIPELINES}}}[1h]))", "{{pipeline}}")]),
            Panel("Confidence", "percentunit", "The median, and what all but a tenth are above.",
                  [(quantile(0.5, "confidence_ratio", "pipeline"), "{{pipeline}} p50"),
                   (quantile(0.1, "confidence_ratio", "pipeline"), "{{pipeline}} p10")]),
            Panel("Distribution of confidence", "short", "Results of the last day, by the upper end of each tenth.",
                  [(f"sum by (le) (increase(chalkstream_confidence_ratio_bucket{{{PIPELINES}}}[1d]))", "{{le}}")], kind="bargauge"),
            Panel("Records that cannot be graded", "percentunit", "Dead letters over everything that was finished.",
                  [(share_of(rate("dead_letters_total", "pipeline"), FINISHED), "{{pipeline}}")]),
        ]),
        ("Groups (those that monitoring.groups lists)", [
            Panel("Grades by assignment", "percentunit", "The mean score of the last day.",
                  [(group_mean("1d").replace(PIPELINES, PIPELINES + ',by="assignment"'), "{{group}}")], kind="bargauge"),
            Panel("Distribution by assignment", "percentunit", "Half of the last day's scores lie below the middle one, a tenth below the lowest.",
                  [(f'histogram_quantile({share}, sum by (le, group) (rate(chalkstream_group_score_ratio_bucket{{{PIPELINES},by="assignment"}}[1d])))',
                    f"{{{{group}}}} p{round(share * 100)}") for share in (0.1, 0.5, 0.9)]),
            Panel("Agreement with overrides by assignment", "percentunit", "Of the last week's overrides: how many moved the grade by one step at most.",
                  [(f'sum by (group) (increase(chalkstream_group_overrides_total{{{PIPELINES},by="assignment",agreement=~"exact|adjacent"}}[1w])) / '
                    f'(sum by (group) (increase(chalkstream_group_overrides_total{{{PIPELINES},by="assignment",agreement!="unknown"}}[1w])) > 0)', "{{group}}")],
                  kind="bargauge", shows="overrides"),
            Panel("Results by assignment", "cps", "Results a second.",
                  [(f'sum by (group) (rate(chalkstream_group_results_total{{{PIPELINES},by="assignment"}}[{WINDOW}]))', "{{group}}")], stacked=True),
            Panel("Gap of scores between languages", "percentunit", "Each group's mean score less that of all, over the last day. A gap is a reason to look, not a proof of "
                  "unfairness: groups may differ in what they were asked.",
                  [('pipeline_group:chalkstream_score_gap:1d{by="language",pipeline=~"$pipeline"}', "{{pipeline}} {{group}}")], kind="bargauge"),
            Panel("Review rate by language", "percentunit", "The share of each group's results that go to a person, over the last day.",
                  [(f'sum by (group) (rate(chalkstream_group_results_total{{{PIPELINES},by="language",decision="review"}}[1d])) / '
                    f'sum by (group) (rate(chalkstream_group_results_total{{{PIPELINES},by="language"}}[1d]))', "{{group}}")], kind="bargauge"),
            Panel("Gap of scores between tenants", "percentunit", "Likewise.",
                  [('pipeline_group:chalkstream_score_gap:1d{by="tenant",pipeline=~"$pipeline"}', "{{pipeline}} {{group}}")], kind="bargauge"),
        ]),
    ])

DASHBOARDS = [OPERATIONS, EDUCATION]
