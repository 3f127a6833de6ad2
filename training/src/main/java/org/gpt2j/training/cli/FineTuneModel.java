package org.gpt2j.training.cli;

import java.util.List;
import java.util.Locale;
import org.gpt2j.lora.LoraModel;
import org.gpt2j.model.Gpt2ForSequenceClassification;
import org.gpt2j.tokenizer.Gpt2Tokenizer;
import org.gpt2j.training.ClassificationData;
import org.gpt2j.training.Trainer;
import org.gpt2j.training.TrainerBuilder;
import org.gpt2j.training.TrainingArguments;
import org.gpt2j.training.data.LabeledText;

/**
 * A classifier to be trained.
 *
 * @param lora its adapters, null where every weight is trained
 * @param maxLength tokens of a message that are read
 */
record FineTuneModel(
    Gpt2ForSequenceClassification model, LoraModel lora, Gpt2Tokenizer tokenizer, int maxLength) {

  /** The messages as this model reads them. */
  ClassificationData data(List<LabeledText> messages) {
    return ClassificationData.of(messages, tokenizer, maxLength, model.config());
  }

  TrainerBuilder trainer(TrainingArguments args) {
    return (lora == null ? Trainer.builder(model) : Trainer.builder(lora))
        .args(args)
        .tokenizer(tokenizer);
  }

  String trainableLine() {
    if (lora != null) {
      return lora.trainableParameters();
    }
    long n = model.parameters().stream().mapToLong(p -> p.value().length()).sum();
    return String.format(Locale.ROOT, "trainable params: %,d (all)", n);
  }
}
