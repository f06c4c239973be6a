#!/usr/bin/env bash
# Proves that the runner works and writes the report in three forms, also where a check fails.
# Takes COURSE and ONLY (areas, with spaces between); gives the output report, the reports' folder.
set -euo pipefail

report=$RUNNER_TEMP/mlops-bootstrap/report
rm -rf "$report" # of an earlier use of this action in the same job
mkdir -p "$report"
options=(--report "$report/report.json" --html "$report/report.html" --junit "$report/junit.xml")
read -r -d '' -a areas <<<"$ONLY" || true # it ends at no NUL byte, so read gives 1
for area in "${areas[@]}"; do options+=(--only "$area"); done
echo "report=$report" >>"$GITHUB_OUTPUT"

# The table is for one's own screen. What everybody can read comes from the report, in which nothing
# is personal or secret.
code=0
mlops-bootstrap verify --course "$COURSE" "${options[@]}" >/dev/null || code=$?
if [ -f "$report/report.json" ]; then
  "$GITHUB_ACTION_PATH/.venv/bin/python" "$GITHUB_ACTION_PATH/scripts/action/summary.py" \
    "$report/report.json" | tee -a "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
