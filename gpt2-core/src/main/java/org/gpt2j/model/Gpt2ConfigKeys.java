package org.gpt2j.model;

import org.gpt2j.io.KeyTable;

/**
 * What each key means here that transformers 2 to 5 write into the config.json of a GPT-2
 * (GPT2Config and PretrainedConfig).
 */
final class Gpt2ConfigKeys {
  private Gpt2ConfigKeys() {}

  static final KeyTable TABLE = table();

  private static KeyTable table() {
    KeyTable.Builder table =
        KeyTable.builder()
            .obeyed("model_type", "vocab_size", "n_positions", "n_ctx", "n_embd", "n_layer")
            .obeyed("n_head", "n_inner", "activation_function", "layer_norm_epsilon")
            .obeyed("attn_pdrop", "embd_pdrop", "resid_pdrop", "initializer_range")
            .obeyed("scale_attn_weights", "scale_attn_by_inverse_layer_idx")
            .obeyed("tie_word_embeddings", "id2label", "num_labels", "problem_type")
            .obeyed("architectures", "add_cross_attention")
            .obeyed("bos_token_id", "eos_token_id", "pad_token_id")
            // GPT2Config.attribute_map: other libraries' names of the same sizes.
            .obeyed("hidden_size", "num_hidden_layers", "num_attention_heads")
            .obeyed("max_position_embeddings")
            // Weights are floats here, and attention is computed in float in any case.
            .withoutEffect("dtype", "torch_dtype", "use_bfloat16", "reorder_and_upcast_attn")
            // id2label is what counts; label2id may have been left at LABEL_0.
            .withoutEffect("label2id", "_num_labels")
            // Only GPT2DoubleHeadsModel and GPT2ForTokenClassification read these.
            .withoutEffect("summary_type", "summary_use_proj", "summary_activation")
            .withoutEffect("summary_proj_to_labels", "summary_first_dropout")
            .withoutEffect("classifier_dropout", "hidden_dropout")
            // Only pipelines read these, and the tokenizer has a file of its own.
            .withoutEffect("task_specific_params", "prefix", "tokenizer_class")
            // How it is computed, or what is handed out beside it.
            .withoutEffect("output_past", "return_dict", "use_return_dict")
            .withoutEffect("chunk_size_feed_forward", "gradient_checkpointing", "torchscript")
            .withoutEffect("attn_implementation", "_attn_implementation", "model_parallel")
            .withoutEffect("_attn_implementation_autoset", "_attn_implementation_internal")
            .withoutEffect("_experts_implementation", "_flash_attn_2_enabled", "xla_device")
            .withoutEffect("tie_last_hidden_states", "tf_legacy_loss", "fusion_config")
            // GPT-2 is a decoder whatever is_decoder says; the others are of encoder-decoders.
            .withoutEffect("is_decoder", "tie_encoder_decoder", "cross_attention_hidden_size")
            .withoutEffect("sep_token_id", "eos_token_ids", "n_special", "predict_special_tokens")
            .withoutEffect("name_or_path", "_name_or_path", "finetuning_task", "unsloth_version")
            // Parts of the network that are taken out, weights that are not what they seem.
            .refused("pruned_heads", "quantization_config", "compression_config")
            .refused("per_layer_config", "is_encoder_decoder")
            .refusedUnless("transformers_weights", Gpt2PreTrainedModel.WEIGHTS_FILE);
    // transformers before 4.26 kept the options of generate here: GenerationConfig reads them.
    GenerationConfigFile.keys().stream()
        .filter(key -> !key.matches("(bos|eos|pad)_token_id"))
        .forEach(table::withoutEffect);
    return table.build();
  }
}
