#!/bin/sh
# Each profile once, on the service of the demo; --duration is that of a stage. In the folder of the repository, after npm ci:
#
#     sh examples/profiles.sh 2s
#
# Without a duration each takes its own: the hour of a soak, for one. What a profile proves is in README.md.
node dist/demo/service.js --port 3070 &
service=$!
trap 'kill "$service"' EXIT
sleep 1
url=http://127.0.0.1:3070
duration=${1:+"--duration $1"}

npx plimsoll run $url/model --profile linear $duration
npx plimsoll run $url/model --profile progressive --users 20 $duration
npx plimsoll run $url/model --profile steps --users 40 $duration
npx plimsoll run $url/model --profile ramp --users 50 $duration
npx plimsoll run $url/model --profile burst --users 20 $duration
npx plimsoll run $url/model --profile spike --rate 200/s $duration
npx plimsoll run $url/model --profile sine --rate 100/s $duration
npx plimsoll run $url/model --profile sustained --rate 50/s $duration
npx plimsoll run $url/model --profile soak --users 5 $duration
npx plimsoll run $url/model --profile stress --users 64 $duration
npx plimsoll run $url/model --profile multiples --users 1000 $duration
npx plimsoll run $url/files --method POST --profile volume --sizes 1KiB,100KiB $duration
npx plimsoll run examples/heavy.ts --profile resource-intensive --users 8 $duration
npx plimsoll run $url/model --profile spike,sustained --users 10 $duration
npx plimsoll run $url/model --replay examples/arrivals.csv
