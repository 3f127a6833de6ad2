package org.gpt2j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.gpt2j.io.KeyTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the keys mean that transformers' TrainingArguments.to_json_string writes, from 4.30 to 5.24,
 * and those of them that are ours by another name or value.
 */
final class TrainingArgumentsTable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingArgumentsTable.class);
  private static final String SAMPLING = "train_sampling_strategy";
  private static final String OLD_EVALUATION = "evaluation_strategy";
  private static final String OLD_ADAMW = "adamw_hf";

  private final KeyTable table;
  private final Collection<String> own;

  /**
   * @param own keys of {@link TrainingArguments}
   */
  TrainingArgumentsTable(Collection<String> own) {
    this.own = own;
    table =
        KeyTable.builder()
            .obeyed(own.toArray(String[]::new))
            .obeyed(OLD_EVALUATION, SAMPLING)
            // Where and how it computes: one process, float32, AdamW in a kernel of its own.
            .withoutEffect(
                "use_cpu",
                "no_cuda",
                "use_mps_device",
                "xpu_backend",
                "tpu_num_cores",
                "tpu_metrics_debug",
                "mp_parameters",
                "local_rank",
                "ddp_backend",
                "ddp_broadcast_buffers",
                "ddp_bucket_cap_mb",
                "ddp_find_unused_parameters",
                "ddp_static_graph",
                "ddp_timeout",
                "average_tokens_across_devices",
                "accelerator_config",
                "dispatch_batches",
                "split_batches",
                "fsdp_config",
                "fsdp_min_num_params",
                "fsdp_transformer_layer_cls_to_wrap",
                "tf32",
                "half_precision_backend",
                "fp16_backend",
                "fp16_opt_level",
                "torch_compile",
                "torch_compile_backend",
                "torch_compile_mode",
                "torch_empty_cache_steps",
                "torchdynamo",
                "jit_mode_eval",
                "use_ipex",
                "use_liger_kernel",
                "liger_kernel_config",
                "use_cache",
                "activation_checkpointing",
                "activation_checkpointing_kwargs",
                "gradient_checkpointing",
                "gradient_checkpointing_kwargs",
                "auto_find_batch_size",
                "full_determinism",
                "use_legacy_prediction_loop",
                "ray_scope")
            // How examples come to it.
            .withoutEffect(
                "dataloader_in_order",
                "dataloader_multiprocessing_context",
                "dataloader_num_workers",
                "dataloader_persistent_workers",
                "dataloader_pin_memory",
                "dataloader_prefetch_factor",
                "remove_unused_columns",
                "label_names",
                "length_column_name")
            // What is said, measured and kept besides: never less here than is asked for.
            .withoutEffect(
                "batch_eval_metrics",
                "debug",
                "disable_tqdm",
                "do_eval",
                "do_predict",
                "do_train",
                "enable_jit_checkpoint",
                "eval_accumulation_steps",
                "eval_do_concat_batches",
                "eval_use_gather_object",
                "include_for_metrics",
                "include_inputs_for_metrics",
                "include_num_input_tokens_seen",
                "include_tokens_per_second",
                "log_level",
                "log_level_replica",
                "log_on_each_node",
                "logging_nan_inf_filter",
                "overwrite_output_dir",
                "prediction_loss_only",
                "restore_callback_states_from_checkpoint",
                "run_name",
                "save_on_each_node",
                "save_only_model",
                "save_safetensors",
                "skip_memory_metrics")
            // Where it would be uploaded, were push_to_hub on.
            .withoutEffect(
                "hub_always_push",
                "hub_model_id",
                "hub_private_repo",
                "hub_revision",
                "hub_strategy",
                "hub_token",
                "project",
                "push_to_hub_model_id",
                "push_to_hub_organization",
                "push_to_hub_token",
                "trackio_bucket_id",
                "trackio_space_id",
                "trackio_static_space_id")
            .refused(
                "adafactor",
                "bf16",
                "bf16_full_eval",
                "dataloader_drop_last",
                "deepspeed",
                "eval_on_start",
                "fp16",
                "fp16_full_eval",
                "fsdp",
                "ignore_data_skip",
                "lr_scheduler_kwargs",
                "optim_args",
                "optim_target_modules",
                "parallelism_config",
                "per_gpu_eval_batch_size",
                "per_gpu_train_batch_size",
                "push_to_hub",
                "resume_from_checkpoint",
                "sharded_ddp")
            .refusedUnless("eval_delay", 0)
            .refusedUnless("neftune_noise_alpha", 0)
            .refusedUnless("past_index", -1)
            .refusedUnless(
                "optim",
                "adamw_torch",
                "adamw_torch_fused",
                "adamw_torch_npu_fused",
                "adamw_torch_xla",
                "adamw_apex_fused",
                OLD_ADAMW)
            .build();
  }

  /**
   * Refuses keys that are unknown, so that a slip of the pen is found, and what is not supported.
   * An unknown key that is off is one of another version, and named in a warning.
   *
   * @throws IllegalArgumentException naming the keys
   */
  void check(ObjectNode json) {
    Set<String> unknown = new LinkedHashSet<>();
    json.fieldNames().forEachRemaining(unknown::add);
    for (KeyTable.Effect effect : KeyTable.Effect.values()) {
      unknown.removeAll(table.keys(effect));
    }
    List<String> on = unknown.stream().filter(key -> !KeyTable.isOff(json.get(key))).toList();
    if (!on.isEmpty()) {
      throw new IllegalArgumentException(
          String.join(", ", on)
              + ": unknown training argument"
              + (on.size() == 1 ? "" : "s")
              + "; known are "
              + String.join(", ", own));
    }
    if (!unknown.isEmpty()) {
      LOG.warn("{}: unknown here and passed over, since off", String.join(", ", unknown));
    }
    table.check("training arguments", json);
    if (json.path("optim").asText().equals(OLD_ADAMW)) {
      LOG.warn("optim adamw_hf: adamw_torch is taken, which adds adam_epsilon a little later");
    }
  }

  /**
   * Only keys of ours, with their values. A key that is ours wins over one that means the same, as
   * the command line over its file.
   *
   * @throws IllegalArgumentException naming the key of a value that has no like here
   */
  ObjectNode translate(ObjectNode json) {
    ObjectNode ours = json.deepCopy();
    ours.retain(own);
    putIfAbsent(ours, "eval_strategy", json.path(OLD_EVALUATION));
    JsonNode sampling = json.path(SAMPLING);
    switch (sampling.asText("random")) {
      case "random" -> {}
      case "sequential" -> putIfAbsent(ours, "shuffle", ours.booleanNode(false));
      case "group_by_length" -> putIfAbsent(ours, "group_by_length", ours.booleanNode(true));
      default ->
          throw new IllegalArgumentException(
              SAMPLING
                  + ": expected one of [random, sequential, group_by_length], found "
                  + sampling);
    }
    JsonNode reportTo = ours.path("report_to");
    if (reportTo.isNull() || reportTo.isArray() && reportTo.isEmpty()) {
      ours.put("report_to", ReportTo.NONE.toString());
    }
    // transformers' warmup_ratio is none unless given; without a warmup_steps ours is the recipe's.
    JsonNode ratio = ours.path("warmup_ratio");
    JsonNode steps = ours.path("warmup_steps");
    if (ratio.isNull() || ratio.isMissingNode() && steps.isNumber() && steps.doubleValue() == 0) {
      ours.put("warmup_ratio", 0.0);
    }
    return ours;
  }

  private static void putIfAbsent(ObjectNode json, String key, JsonNode value) {
    if (!value.isMissingNode() && !value.isNull() && !json.has(key)) {
      json.set(key, value);
    }
  }
}
