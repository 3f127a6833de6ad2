package org.gpt2j.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.gpt2j.io.JsonFile;
import org.gpt2j.io.KeyTable;

/**
 * Reads generation_config.json as transformers 5 does: it is all that counts where it is there, and
 * the keys of its kind in config.json where it is not.
 */
final class GenerationConfigFile {
  private GenerationConfigFile() {}

  /** What each key means here that transformers' GenerationConfig writes. */
  static final KeyTable KEYS =
      KeyTable.builder()
          .obeyed("max_new_tokens", "max_length", "do_sample", "temperature", "top_k", "top_p")
          .obeyed("repetition_penalty", "eos_token_id", "bos_token_id")
          // Nothing is padded here.
          .withoutEffect("pad_token_id")
          // Of beam search, which num_beams asks for, and of encoder-decoders.
          .withoutEffect("early_stopping", "length_penalty", "num_beam_groups")
          .withoutEffect("diversity_penalty", "decoder_start_token_id")
          // How it is computed, or what is handed out beside the tokens.
          .withoutEffect("use_cache", "cache_implementation", "cache_config", "max_cache_len")
          .withoutEffect("compile_config", "disable_compile", "prefill_chunk_size", "low_memory")
          .withoutEffect("continuous_batching_config", "output_attentions", "output_scores")
          .withoutEffect("output_hidden_states", "output_logits", "return_dict_in_generate")
          // Sampling takes the softmax of the logits, which is the same after that.
          .withoutEffect("renormalize_logits")
          // Logits that are not finite are an error here.
          .withoutEffect("remove_invalid_values")
          // Of a helping model: the tokens are the same without it.
          .withoutEffect("is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule")
          .withoutEffect("assistant_confidence_threshold", "assistant_early_exit")
          .withoutEffect("assistant_lookbehind", "target_lookbehind", "speculation_type")
          .withoutEffect("assistant_ensemble_weight", "prompt_lookup_num_tokens")
          .withoutEffect("max_matching_ngram_size", "use_mtp")
          .withoutEffect("_from_model_config", "_commit_hash", "transformers_version")
          .refusedUnless("num_beams", 1)
          .refusedUnless("num_return_sequences", 1)
          .refusedUnless("min_length", 0)
          .refusedUnless("min_new_tokens", 0)
          .refusedUnless("no_repeat_ngram_size", 0)
          // By their names of encoder-decoders; of GPT-2 they mean the prompt.
          .refusedUnless("encoder_repetition_penalty", 1)
          .refusedUnless("encoder_no_repeat_ngram_size", 0)
          .refusedUnless("typical_p", 1)
          .refusedUnless("min_p", 0)
          .refusedUnless("epsilon_cutoff", 0)
          .refusedUnless("eta_cutoff", 0)
          .refusedUnless("penalty_alpha", 0)
          .refusedUnless("guidance_scale", 1)
          .refused("top_h", "max_time", "stop_strings", "bad_words_ids", "force_words_ids")
          .refused("constraints", "suppress_tokens", "begin_suppress_tokens", "sequence_bias")
          .refused("forced_bos_token_id", "forced_eos_token_id", "token_healing", "dola_layers")
          .refused("exponential_decay_length_penalty", "watermarking_config")
          .build();

  /** All keys of the table. */
  static Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    for (KeyTable.Effect effect : KeyTable.Effect.values()) {
      keys.addAll(KEYS.keys(effect));
    }
    return keys;
  }

  static GenerationConfig read(Path dir) throws IOException {
    Path own = dir.resolve(GenerationConfig.FILE_NAME);
    boolean isOwn = Files.exists(own);
    Path file = isOwn ? own : dir.resolve(Gpt2Config.FILE_NAME);
    ObjectNode json = JsonFile.read(file);
    if (!isOwn) {
      json.retain(keys());
    }
    json.removeIf(JsonNode::isNull); // null stands for the default
    try {
      KEYS.check(file, json);
      return config(new ConfigReader(json));
    } catch (IllegalArgumentException e) {
      throw new Gpt2ConfigException(file + ": " + e.getMessage(), e);
    }
  }

  private static GenerationConfig config(ConfigReader in) {
    GenerationConfig.Builder builder =
        GenerationConfig.builder()
            .doSample(in.flag("do_sample", false))
            .topK(in.integerOrNull("top_k", 50))
            .topP(in.number("top_p", 1, 0, Math.nextUp(1.0), "a probability in [0, 1]"))
            .repetitionPenalty(positive(in, "repetition_penalty"))
            // Where none is named here, none of config.json stands in.
            .eosTokenId(in.tokenIds("eos_token_id"));
    // Files of greedy models have 0 there, which nobody may divide by.
    if (in.flag("do_sample", false) || !in.isZero("temperature")) {
      builder.temperature(positive(in, "temperature"));
    }
    if (in.has("max_new_tokens")) {
      builder.maxNewTokens(in.size("max_new_tokens", 1));
    }
    if (in.has("max_length")) {
      builder.maxLength(in.size("max_length", 1));
    }
    if (in.has("bos_token_id")) {
      builder.bosTokenId(in.integerOrNull("bos_token_id", null));
    }
    return builder.build();
  }

  private static double positive(ConfigReader in, String key) {
    return in.number(key, 1, Double.MIN_VALUE, Double.POSITIVE_INFINITY, "a number above 0");
  }
}
