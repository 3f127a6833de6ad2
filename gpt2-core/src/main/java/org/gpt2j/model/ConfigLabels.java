package org.gpt2j.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The classes of a config.json: id2label or, where that is missing, LABEL_0 to num_labels - 1. */
final class ConfigLabels {
  /**
   * Classes without a name, which a file may claim with one number: a file that has more names them
   * and is as long as its list.
   */
  private static final int MOST_UNNAMED = 1 << 16;

  private ConfigLabels() {}

  static Map<Integer, String> id2label(ConfigReader in) {
    Map<String, JsonNode> fields = in.object("id2label");
    Map<Integer, String> labels = new TreeMap<>();
    if (fields == null) {
      int count = in.size("num_labels", 2);
      if (count > MOST_UNNAMED) {
        throw in.refuse("num_labels", "at most " + MOST_UNNAMED + " where id2label names none");
      }
      for (int id = 0; id < count; id++) {
        labels.put(id, "LABEL_" + id);
      }
      return Collections.unmodifiableMap(labels);
    }
    fields.forEach((id, label) -> labels.put(id(id), label.isTextual() ? label.textValue() : null));
    for (int id = 0; id < fields.size(); id++) {
      if (labels.get(id) == null) {
        throw in.refuse("id2label", "names for the ids 0 to " + (fields.size() - 1));
      }
    }
    if (labels.isEmpty() || in.size("num_labels", labels.size()) != labels.size()) {
      throw in.refuse("id2label", "num_labels names, at least 1");
    }
    return Collections.unmodifiableMap(labels);
  }

  /** As Python's int() reads a key, or -1. */
  private static int id(String key) {
    String digits = key.strip();
    return digits.matches("\\+?[0-9]{1,9}") ? Integer.parseInt(digits) : -1;
  }

  /**
   * The ids by their names. What label2id says is not asked, as transformers' models do not ask it:
   * it is often left at LABEL_0 where id2label has names. Only its form is checked.
   */
  static Map<String, Integer> label2id(ConfigReader in, Map<Integer, String> id2label) {
    Map<String, JsonNode> fields = in.object("label2id");
    if (fields != null
        && !fields.values().stream()
            .allMatch(id -> id.isIntegralNumber() || id.isTextual() && id(id.textValue()) >= 0)) {
      throw in.refuse("label2id", "an integer id for each label");
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    id2label.forEach((id, label) -> ids.putIfAbsent(label, id));
    return Collections.unmodifiableMap(ids);
  }

  /**
   * Refuses two classes of one name: what is said of a text by names could not tell them apart.
   *
   * @throws IllegalArgumentException naming the key, the name and the ids
   */
  static void requireDistinct(Map<Integer, String> id2label) {
    Map<String, Integer> ids = new HashMap<>();
    id2label.forEach(
        (id, label) -> {
          Integer other = ids.putIfAbsent(label, id);
          if (other != null) {
            throw new IllegalArgumentException(
                "id2label: expected a name of its own for each class, found \"%s\" for %s and %s"
                    .formatted(label, other, id));
          }
        });
  }
}
