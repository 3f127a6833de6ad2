package org.gpt2j.training.cli;

import java.util.List;

/**
 * Command lines that the program refuses, and its sentences, for {@link BadInputTest}; in both `@`
 * stands for the directory of the test with the files of {@link BadInputFiles}.
 */
final class BadInputCases {
  private BadInputCases() {}

  /**
   * @param args words of the command line
   * @param sentence what comes after `error: `; a part in {@code ...} may be anything
   */
  record Case(String args, String sentence) {
    @Override
    public String toString() {
      return args;
    }
  }

  private static final String TRAIN = "train --base @/base --output @/adapter ";

  static final List<Case> DATA =
      List.of(
          new Case(TRAIN + "--data @/none.tsv", "@/none.tsv: no such file"),
          new Case(TRAIN + "--data @/base", "@/base: expected a file, found a directory"),
          new Case(
              TRAIN + "--data @/bad-line.tsv",
              "@/bad-line.tsv: line 3: expected label, tab, text, found no tab in 'ham no tab"
                  + " here'"),
          new Case(
              TRAIN + "--data @/bad-label.tsv",
              "@/bad-label.tsv: line 2: expected the label ham or spam, found 'eggs'"),
          new Case(TRAIN + "--data @/empty", "@/empty: expected text, found an empty file"),
          new Case(
              TRAIN + "--data @/latin1.tsv --encoding utf-8",
              "@/latin1.tsv: line 2: expected UTF-8, found the byte 0xE9 where no character can"
                  + " start or go on"),
          new Case(
              TRAIN + "--data @/few.tsv",
              "@/few.tsv: expected at least 5 spam messages and no fewer ham than spam, found 2"
                  + " ham and 2 spam"),
          new Case(
              TRAIN + "--data @/sms.tsv --split-seed -1",
              "seed must be between 0 and 4294967295, found -1"),
          new Case(
              TRAIN + "--data @/sms.tsv --dataset @/sms.tsv",
              "@/sms.tsv: expected a directory to write into, found a file"),
          new Case(
              TRAIN + "--data @/sms.tsv --train-file @/train.csv",
              "--data and --dataset do not go with --train-file, which is a split already"),
          new Case(
              TRAIN + "--eval-file @/train.csv",
              "--eval-file and --test-file go with --train-file, found none"),
          new Case(
              TRAIN + "--train-file @/no-header.csv",
              "@/no-header.csv: expected at least 2 different labels, found [ham]"),
          new Case(
              TRAIN + "--train-file @/bad-label.csv",
              "@/bad-label.csv: row 2: expected the label ham or spam, found 'eggs'"),
          new Case(
              TRAIN + "--train-file @/train.csv --eval-file @/none.csv",
              "@/none.csv: no such file"),
          new Case(
              TRAIN + "--train-file @/train.csv --test-file @/empty.csv",
              "@/empty.csv: expected text, found an empty file"),
          new Case(
              TRAIN + "--data @/columns.csv",
              "@/columns.csv: expected a header with the label column (label, category, class,"
                  + " target, v1), found 'topic,body'; --label-column and --text-column name"
                  + " others, or their numbers with --no-header, and --delimiter what parts fields"),
          new Case(
              TRAIN + "--data @/broken.csv",
              "@/broken.csv: expected at most 0 bad rows (--max-bad-rows), found 1, the first in line"
                  + " 3: expected 2 columns, found 1"),
          new Case(
              TRAIN + "--data @/bad-line.tsv --max-bad-rows -1",
              "--max-bad-rows: expected at least 0, found -1"),
          new Case(
              TRAIN + "--train-file @/one-label.csv",
              "@/one-label.csv: expected at least 2 different labels, found [a]"),
          new Case(
              "split --data @/one-label.csv --output @/split",
              "@/one-label.csv: expected at least 2 different labels, found [a]"),
          new Case(
              "split --data @/few.csv --output @/split",
              "@/few.csv: expected at least 10 messages, found 2"),
          new Case(
              TRAIN + "--train-file @/train.csv --group-duplicates",
              "--group-duplicates does not go with --train-file, which is a split already"),
          new Case(
              TRAIN + "--data @/sms.tsv --pandas-quoting --text-column 2",
              "--pandas-quoting goes with the UCI format, which has no --label-column or"
                  + " --text-column"),
          new Case(
              TRAIN + "--data @/few.csv --text-column 2",
              "label and text column: expected two numbers, for a file without a header, or none,"
                  + " found null and 2"),
          new Case(
              "evaluate --model @/model --data @/empty",
              "@/empty: expected text, found an empty file"),
          new Case("evaluate --model @/model --data @/none", "@/none: no such file"),
          new Case("split --data @/none --output @/split", "@/none: no such file"),
          new Case(
              "split --data @/few.tsv --output @/split",
              "@/few.tsv: expected at least 5 spam messages and no fewer ham than spam, found 2"
                  + " ham and 2 spam"));

  static final List<Case> MODELS =
      List.of(
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/none",
              "base model: expected an existing directory or a hub name like gpt2 or org/name,"
                  + " found `@/none`"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base gpt2j-tests/not-in-the-cache",
              "gpt2j-tests/not-in-the-cache is neither a directory nor a model in the Hugging Face"
                  + " cache @/no-cache, and HF_HUB_OFFLINE=1 keeps it from being downloaded"),
          new Case(
              "classify --model @/adapter --base gpt2j-tests/not-in-the-cache hi",
              "gpt2j-tests/not-in-the-cache is neither a directory nor a model in the Hugging Face"
                  + " cache @/no-cache, and HF_HUB_OFFLINE=1 keeps it from being downloaded"),
          new Case(
              "download gpt2",
              "gpt2 is not in the Hugging Face cache @/no-cache, and HF_HUB_OFFLINE=1 keeps it from"
                  + " being downloaded"),
          new Case(
              "download @/base",
              "model: expected a hub name like gpt2, org/name or ...revision, found `@/base`"),
          new Case(
              "download --dataset @/dataset sms-spam",
              "sms-spam: HF_HUB_OFFLINE=1 keeps it from being downloaded"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/sms.tsv",
              "@/sms.tsv: expected a model directory with config.json, found a file"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/cut",
              "@/cut/model.safetensors: ..."),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/wrong-shape",
              "@/wrong-shape/model.safetensors: tensor transformer.wpe.weight: expected shape [64,"
                  + " 16] from config.json, found [32, 16]"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/no-tokenizer",
              "@/no-tokenizer: expected tokenizer.json, or vocab.json and merges.txt, in it"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/no-config",
              "@/no-config/config.json: no such file"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/no-weights",
              "@/no-weights/model.safetensors: expected the model's weights, found no such file"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/other-tokenizer",
              "train_dataset: expected token ids below the model's vocab_size 280, found ... in"
                  + " example ...: is the tokenizer that of the model?"),
          new Case(
              "train --data @/sms.tsv --output @/adapter --base @/adapter",
              "@/adapter: expected a whole model as --base, found an adapter; --init-adapter goes"
                  + " on with one"),
          new Case(
              TRAIN + "--data @/sms.tsv --init-adapter @/none",
              "@/none: expected an adapter's directory, found ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --init-adapter @/base",
              "@/base/adapter_config.json: no such file"),
          new Case(
              "train --base @/wide --output @/adapter --data @/sms.tsv --init-adapter @/adapter",
              "@/adapter/adapter_model.safetensors: tensor ...: expected shape ..., found ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --init-adapter @/adapter --lora-r 4",
              "lora_r: expected no such option beside --init-adapter, which brings its own, found"
                  + " 4"),
          new Case(
              "train --mode full --base @/base --output @/model --data @/sms.tsv --init-adapter"
                  + " @/adapter",
              "--init-adapter goes with --mode lora, found full"),
          new Case(
              "train --mode full --base @/base --output @/model --data @/sms.tsv --lora-r 4",
              "lora_r: expected no such option beside --mode full, which has no adapter, found 4"),
          new Case(
              "classify --model @/none hello", "@/none: expected a model's directory, found none"),
          new Case("classify --model @/empty-dir hello", "@/empty-dir/config.json: no such file"),
          new Case(
              "classify --model @/orphan hello",
              "@/orphan: the adapter's base (base_model_name_or_path) is not here: base model:"
                  + " expected an existing directory or a hub name like gpt2 or org/name, found"
                  + " `@/gone`; another can be given (--base)"),
          new Case(
              "classify --model @/cut-adapter hello",
              "@/cut-adapter/adapter_model.safetensors: ..."),
          new Case(
              "classify --model @/adapter --base @/wide hello",
              "@/adapter: the adapter was made for the base `...`, found the base `@/wide`:"
                  + " @/wide/model.safetensors: tensor transformer.wte.weight: expected shape ..."
                  + " from config.json, found ..."),
          new Case(
              "evaluate --model @/none --data @/sms.tsv",
              "@/none: expected a model's directory, found none"));

  static final List<Case> ARGUMENTS =
      List.of(
          new Case(TRAIN + "--data @/sms.tsv --args @/none.json", "@/none.json: no such file"),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/base",
              "@/base: expected a file, found a directory"),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/cut.json",
              "@/cut.json: not valid JSON in line 1: Unexpected end-of-input: expected close marker"
                  + " for Object"),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/list.json",
              "@/list.json: expected a JSON object, found array"),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/unknown.json",
              "@/unknown.json: learning: unknown training argument; known are num_train_epochs, ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/wrong-type.json",
              "@/wrong-type.json: learning_rate: expected a number, found \"fast\""),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/wrong-type.json --learning-rate NaN",
              "learning_rate: expected a number of at least 0, found NaN"),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/impossible.json",
              "@/impossible.json: warmup_ratio: expected a number in [0, 1], found 7.0"),
          new Case(
              TRAIN + "--data @/sms.tsv --args @/pattern.json",
              "rank_pattern: expected a regular expression, found \"(\": ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --per-device-train-batch-size -4",
              "per_device_train_batch_size: expected a number above 0, found -4"),
          new Case(
              TRAIN + "--data @/sms.tsv --learning-rate NaN",
              "learning_rate: expected a number of at least 0, found NaN"),
          new Case(
              TRAIN + "--data @/sms.tsv --lora-r 0",
              "lora_r: expected an integer of at least 1, found 0"),
          new Case(
              TRAIN + "--data @/sms.tsv --lora-dropout 1",
              "lora_dropout: expected a probability in [0, 1), found 1.0"),
          new Case(
              TRAIN + "--data @/sms.tsv --lora-alpha 0",
              "lora_alpha: expected a number above 0, found 0.0"),
          new Case(
              TRAIN + "--data @/sms.tsv --bias some",
              "bias: expected none, all or lora_only, found \"some\""),
          new Case(
              TRAIN + "--data @/sms.tsv --target-modules q_proj",
              "target_modules: [q_proj] names no module of the model; it has c_attn, c_proj and"
                  + " c_fc"),
          new Case(
              TRAIN + "--data @/sms.tsv --target-modules c_attn,ln_1",
              "target_modules: [c_attn, ln_1] hits transformer.h.0.ln_1, which is no Conv1D layer"),
          new Case(
              TRAIN + "--data @/sms.tsv --target-modules h.(",
              "target_modules: expected a regular expression, found \"h.(\": ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --max-length 0",
              "max_length: expected at least 1, found 0"),
          new Case(
              TRAIN + "--data @/sms.tsv --dropout 1",
              "attn_pdrop: expected a probability from 0 to below 1, found 1.0"),
          new Case(
              TRAIN + "--data @/sms.tsv --threads 0",
              "threads: expected a number from 1 to 1024, found 0"),
          new Case(
              TRAIN + "--data @/sms.tsv --threads 20000",
              "threads: expected a number from 1 to 1024, found 20000"),
          new Case(
              TRAIN
                  + "--data @/sms.tsv --learning-rate 1e30 --lr-scheduler-type constant"
                  + " --eval-strategy no",
              "step 2: expected a finite loss and gradient, found loss ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --eval-steps 0",
              "eval_steps: expected a number above 0 (eval_strategy no: never), found 0"),
          new Case(
              TRAIN + "--data @/sms.tsv --save-strategy epoch",
              "save_strategy: expected the eval_strategy steps or best, since"
                  + " load_best_model_at_end is true, found epoch"),
          new Case(
              TRAIN + "--data @/sms.tsv --eval-strategy best",
              "eval_strategy: expected one of [no, steps, epoch], found best"),
          new Case(
              TRAIN + "--data @/sms.tsv --early-stopping-threshold 0.1",
              "--early-stopping-threshold goes with --early-stopping-patience, found none"),
          new Case(
              TRAIN + "--data @/sms.tsv --early-stopping-patience 0",
              "early_stopping_patience: expected a number above 0, found 0"),
          new Case(
              TRAIN + "--data @/sms.tsv --early-stopping-patience 1 --eval-strategy no",
              "eval_strategy: expected steps or epoch for early stopping, found no"),
          new Case(
              TRAIN + "--data @/sms.tsv --class-weights 1,2,3",
              "class_weights: expected balanced, or 2 numbers above 0 with commas between them (for"
                  + " ham, spam), found '1,2,3'"),
          new Case(
              TRAIN + "--data @/sms.tsv --resume @/none",
              "@/none: expected a directory with checkpoints to resume from, found none"),
          new Case(
              TRAIN + "--data @/sms.tsv --resume @/empty-dir",
              "@/empty-dir: expected a whole checkpoint-STEP to resume from, found none"),
          new Case(
              TRAIN + "--data @/sms.tsv --resume @/cut-checkpoint/checkpoint-1",
              "@/cut-checkpoint/checkpoint-1/adapter_model.safetensors: damaged: expected the"
                  + " SHA-256 ..., found ..."),
          new Case(
              TRAIN + "--data @/sms.tsv --logit-adjustment 1e308",
              "--logit-adjustment: expected -10 to 10, found 1.0E308"),
          new Case(
              TRAIN + "--data @/sms.tsv --logit-adjustment NaN",
              "--logit-adjustment: expected -10 to 10, found NaN"),
          new Case(
              TRAIN + "--data @/sms.tsv --more-train-files @/none.tsv", "@/none.tsv: no such file"),
          new Case("pretrain --output @/new --text @/none.txt", "@/none.txt: no such file"),
          new Case(
              "pretrain --output @/new --text @/base",
              "@/base: expected a file, found a directory"),
          new Case(
              "pretrain --output @/new --text @/empty",
              "@/empty: expected text, found an empty file"),
          new Case(
              "pretrain --output @/new --text @/sms.tsv --n-positions 5000",
              "--text: expected at least one block of 5000 tokens (--n-positions), found ... in"
                  + " [@/sms.tsv]"),
          new Case(
              "pretrain --output @/new --text @/sms.tsv --n-positions 1",
              "--n-positions: expected at least 2, a token and the one to predict, found 1"),
          new Case(
              "pretrain --output @/new --text @/sms.tsv --vocab-size 256",
              "vocabSize: expected at least 257 (256 bytes and the special tokens), found 256"),
          new Case(
              "pretrain --output @/new --text @/sms.tsv --n-embd 30 --n-head 4",
              "n_embd: expected a multiple of n_head 4, found 30"),
          new Case(
              "pretrain --output @/new --text @/sms.tsv --n-layer 0",
              "n_layer: expected an integer of at least 1, found 0"));

  /** Known before training: nothing is trained, so no loss comes out. */
  static final List<Case> OUTPUTS =
      List.of(
          new Case(
              "train --base @/base --data @/sms.tsv --output @/sms.tsv",
              "--output @/sms.tsv: expected a directory to write into, found the file @/sms.tsv"),
          new Case(
              "train --base @/base --data @/sms.tsv --output @/sms.tsv/below/it",
              "--output @/sms.tsv/below/it: expected a directory to write into, found the file"
                  + " @/sms.tsv"),
          new Case(
              "train --base @/base --data @/sms.tsv --output @/model",
              "--output @/model: expected no model of another kind, found model.safetensors; choose"
                  + " another directory"),
          new Case(
              "train --base @/base --data @/sms.tsv --output @/base",
              "--output @/base: expected no model of another kind, found model.safetensors; choose"
                  + " another directory"),
          new Case(
              "train --mode full --base @/base --data @/sms.tsv --output @/adapter",
              "--output @/adapter: expected no model of another kind, found"
                  + " adapter_model.safetensors; choose another directory"),
          new Case(
              "pretrain --text @/sms.tsv --output @/sms.tsv/below",
              "--output @/sms.tsv/below: expected a directory to write into, found the file"
                  + " @/sms.tsv"),
          new Case(
              "split --data @/sms.tsv --output @/sms.tsv/below",
              "@/sms.tsv/below: cannot make this directory (@/sms.tsv...)"),
          new Case(
              "split --data @/sms.tsv --output @/empty",
              "@/empty: expected a directory to write into, found a file"));

  static final List<Case> USAGE =
      List.of(
          new Case(
              "train --learning-rat 1",
              "Unknown options: '--learning-rat', '1' (`training.jar train --help` shows what is"
                  + " possible)"),
          new Case(
              "train --lora-r many",
              "Invalid value for option '--lora-r': 'many' is not an int (`training.jar train"
                  + " --help` shows what is possible)"),
          new Case("train --mode half", "Invalid value for option '--mode': ..."),
          new Case("train --lr-scheduler-type step", "Invalid value for option '--lr-scheduler..."),
          new Case("train --base", "Missing required parameter for option '--base' ..."),
          new Case("evaluate --model @/model", "Missing required option: '--data=FILE' ..."),
          new Case(
              "classify --weights int4 hi",
              "Invalid value for option '--weights': expected one of [F32, INT8] ..."),
          new Case("pretrain", "Missing required options: ..."),
          new Case("download", "Missing required parameter: 'NAME' ..."),
          new Case("fine-tune", "Unmatched argument at index 0: 'fine-tune' ..."));
}
