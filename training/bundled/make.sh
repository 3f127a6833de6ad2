#!/usr/bin/env bash
# Makes the base and the adapter inside the jar, the latter also in lora_model, in place of those that are there, and
# measures them: training/bundled/make.sh CORPUS SMSSpamCollection MESSAGES
# MESSAGES is a directory of files of real messages, label TAB text, see lora_model/README.md; CORPUS one of texts, see training/src/main/resources/org/gpt2j/training/gpt2j-base/README.md. Takes some 75
# minutes on two cores; one machine, JDK and number of threads give the same bytes. Logs and figures: target/bundled.
set -euo pipefail
if [ $# != 3 ]; then
  echo "usage: $0 CORPUS SMSSpamCollection MESSAGES" >&2
  exit 2
fi
corpus=$(realpath "$1")
sms=$(realpath "$2")
real=$(realpath "$3")
cd "$(dirname "$0")/../.."
work=target/bundled
resources=training/src/main/resources/org/gpt2j/training
tokenizer="tokenizer.json tokenizer_config.json special_tokens_map.json vocab.json merges.txt"
jar="java -jar training/target/training.jar"
mkdir -p $work

general=$(printf "$corpus/%s.txt " masc movie-reviews english-novels wikitext-2-valid-test schema-guided-dialogue)
messages=$(printf "$corpus/%s.txt " nus-sms broad-twitter youtube-comments goemotions-reddit banking77-queries \
  clinc150-queries product-reviews topical-chat switchboard-sample)

mvn -B -q package -DskipTests
# shellcheck disable=SC2086 # lists of files
$jar pretrain --output $work/base --dtype F16 --per-device-train-batch-size 8 --logging-steps 20 --eval-steps 300 \
  --vocab-text $messages --text $general --text $messages --text $messages
for f in config.json model.safetensors $tokenizer; do cp "$work/base/$f" $resources/gpt2j-base/; done

mvn -B -q package -DskipTests
# shellcheck disable=SC2086 # lists of files
$jar train --args training/bundled/arguments.json --data "$sms" --split-seed 123 --group-duplicates \
  --more-train-files "$sms" dataset/messages-2026.tsv "$real"/*.tsv --augment 3 --max-length 256 --no-train-accuracy \
  --output $work/adapter
# Chosen on our own development messages and the validation part alone.
$jar split --data "$sms" --output $work/uci --seed 123 --group-duplicates
$jar calibrate --model $work/adapter --data dataset/messages-dev.tsv $work/uci/validation.csv \
  --max-false-positive-rate 0.05 --threshold-data dataset/messages-dev.tsv
for f in adapter_config.json adapter_model.safetensors calibration.json config.json $tokenizer; do
  cp "$work/adapter/$f" lora_model/
  cp "$work/adapter/$f" $resources/gpt2j-sms-spam/
done

$jar evaluate --model lora_model --data dataset/messages-dev.tsv --plots lora_model | tee $work/messages-dev.txt
$jar evaluate --model lora_model --data $work/uci/test.csv | tee $work/uci-test.txt
$jar evaluate --model lora_model --data dataset/messages-2025.tsv | tee $work/messages-2025.txt
