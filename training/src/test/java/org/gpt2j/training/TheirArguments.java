package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.gpt2j.io.JsonFile;

/** Arguments of a fixture made with transformers 5, as ours. */
final class TheirArguments {
  /** Where transformers' defaults are not the recipe's. */
  private static final String DEFAULTS =
      """
      {"num_train_epochs": 3.0, "per_device_train_batch_size": 8, "per_device_eval_batch_size": 8,
       "learning_rate": 5e-5, "lr_scheduler_type": "linear", "warmup_ratio": 0,
       "logging_strategy": "steps", "logging_steps": 500, "eval_strategy": "no",
       "save_strategy": "steps", "save_steps": 500, "save_total_limit": null,
       "load_best_model_at_end": false}""";

  private TheirArguments() {}

  /** All keys, for {@link TrainingArguments#fromJson}. */
  static ObjectNode json(JsonNode theirs) {
    ObjectNode json = JsonFile.parse(DEFAULTS);
    json.setAll((ObjectNode) theirs.deepCopy());
    JsonNode sampling = json.remove("train_sampling_strategy");
    if (sampling != null) {
      json.put("shuffle", !sampling.textValue().equals("sequential"));
    }
    if (!json.has("eval_steps")) {
      json.set("eval_steps", json.get("logging_steps"));
    }
    return json;
  }

  static TrainingArguments of(JsonNode theirs, Path outputDir) {
    return TrainingArguments.fromJson(json(theirs).put("output_dir", outputDir.toString()));
  }
}
