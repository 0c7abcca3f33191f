#!/usr/bin/env python3
"""Writes Grafana's JSON beside this file, from panels.py. With --check it only says which file is not what it would write."""
import json, pathlib, sys

sys.dont_write_bytecode = True
FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
import panels

HEIGHT, COLUMNS = 8, 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def variable(name, query):
    return {"name": name, "label": name, "type": "query", "datasource": SOURCE, "query": {"query": query, "refId": name},
            "definition": query, "refresh": 2, "sort": 1, "multi": True, "includeAll": True, "allValue": ".*",
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}


def target(number, query, kind):
    expression, legend = query
    bars = kind == "bargauge"
    return {"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": expression, "legendFormat": legend,
            "instant": bars, "range": not bars, "format": "heatmap" if bars and legend == "{{le}}" else "time_series"}


def panel(number, what, place):
    drawn = {"id": number, "type": what.kind, "title": what.title, "description": what.tells, "datasource": SOURCE,
             "gridPos": place, "targets": [target(i, q, what.kind) for i, q in enumerate(what.queries)],
             "fieldConfig": {"defaults": {"unit": what.unit, "custom": {}}, "overrides": []}, "options": {}}
    if what.exemplars:
        drawn["targets"][-1]["exemplar"] = True
    if what.kind == "timeseries":
        drawn["fieldConfig"]["defaults"]["custom"] = {
            "drawStyle": "line", "lineWidth": 1, "fillOpacity": 20 if what.stacked else 0,
            "stacking": {"mode": "normal" if what.stacked else "none", "group": "A"}, "showPoints": "never"}
        drawn["options"] = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    else:
        drawn["options"] = {"reduceOptions": {"calcs": ["lastNotNull"], "values": False}, "orientation": "horizontal",
                            "displayMode": "basic"}
    return drawn


def dashboard(what):
    drawn, top, number = [], 0, 1
    for title, row in what.rows:
        drawn.append({"id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
                      "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top}})
        top, left, number = top + 1, 0, number + 1
        for each in row:
            if left + each.width > COLUMNS:
                top, left = top + HEIGHT, 0
            drawn.append(panel(number, each, {"h": HEIGHT, "w": each.width, "x": left, "y": top}))
            left, number = left + each.width, number + 1
        top += HEIGHT
    source = {"name": "datasource", "label": "datasource", "type": "datasource", "query": "prometheus", "current": {}, "refresh": 1}
    return {"uid": what.uid, "title": what.title, "description": what.tells, "tags": ["chalkstream"], "schemaVersion": 38,
            "version": 1, "editable": False, "graphTooltip": 1, "refresh": "10s", "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": [source] + [variable(*v) for v in what.variables.items()]}, "panels": drawn}


def main(check):
    stale = []
    for what in panels.DASHBOARDS:
        file = FOLDER / what.file
        text = json.dumps(dashboard(what), indent=1, ensure_ascii=False) + "\n"
        if not check:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(file.name)
    for name in stale:
        print(f"monitoring/dashboards/{name} is not what panels.py says: run monitoring/dashboards/generate.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
