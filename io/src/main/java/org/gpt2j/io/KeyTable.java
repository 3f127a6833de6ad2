package org.gpt2j.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each key of a file that other libraries write means here: obeyed, without effect, or refused
 * because it would change a result in a way that we do not have. A key that no table can know, of a
 * later version of those libraries, is named in a warning where its value could change a result,
 * and passed over where it is off: null, false or empty. Immutable; made by {@link #builder}.
 */
public final class KeyTable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyTable.class);

  /** What becomes of a key. */
  public enum Effect {
    /** Read and obeyed. */
    OBEYED,
    /** Changes no result here, whatever its value. */
    WITHOUT_EFFECT,
    /** Refused, unless its value is the one that changes nothing. */
    REFUSED
  }

  private record Entry(Effect effect, Predicate<JsonNode> off) {}

  private final Map<String, Entry> entries;

  private KeyTable(Map<String, Entry> entries) {
    this.entries = Map.copyOf(entries);
  }

  /** An empty table to fill. */
  public static Builder builder() {
    return new Builder();
  }

  /** The keys with an effect, sorted. */
  public Set<String> keys(Effect effect) {
    Set<String> keys = new TreeSet<>();
    entries.forEach(
        (key, entry) -> {
          if (entry.effect() == effect) {
            keys.add(key);
          }
        });
    return keys;
  }

  /**
   * Refuses what the table refuses, and warns of what it does not know.
   *
   * @param file where the keys come from, for the warnings
   * @throws IllegalArgumentException naming the first key that is refused, and its value
   */
  public void check(Object file, ObjectNode json) {
    json.properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              Entry entry = entries.get(field.getKey());
              if (entry == null) {
                if (!isOff(value)) {
                  LOG.warn(
                      "{}: {}: this key is not known here and not obeyed, found {}",
                      file,
                      Printable.line(field.getKey()),
                      shown(value));
                }
              } else if (entry.effect() == Effect.REFUSED && !entry.off().test(value)) {
                throw new IllegalArgumentException(
                    Printable.line(field.getKey())
                        + ": this option is not supported, found "
                        + shown(value));
              }
            });
  }

  private static String shown(JsonNode value) {
    String text = Printable.line(value.toString());
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }

  /** Whether a value turns an option off in any library: null, false, or empty. */
  public static boolean isOff(JsonNode value) {
    return value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isTextual() && value.textValue().isEmpty()
        || value.isContainerNode() && value.isEmpty();
  }

  /** Collects keys; each may stand once. */
  public static final class Builder {
    private final Map<String, Entry> entries = new HashMap<>();

    private Builder() {}

    /** Keys that are read. */
    public Builder obeyed(String... keys) {
      return put(new Entry(Effect.OBEYED, KeyTable::isOff), keys);
    }

    /** Keys that change no result here. */
    public Builder withoutEffect(String... keys) {
      return put(new Entry(Effect.WITHOUT_EFFECT, value -> true), keys);
    }

    /** Keys that are refused unless they are off: null, false or empty. */
    public Builder refused(String... keys) {
      return put(new Entry(Effect.REFUSED, KeyTable::isOff), keys);
    }

    /**
     * A key that is refused unless it is off or has a value that changes nothing.
     *
     * @param neutral those values, each a Number, compared by value, or a String
     */
    public Builder refusedUnless(String key, Object... neutral) {
      List<Object> values = List.of(neutral);
      return put(
          new Entry(
              Effect.REFUSED,
              value -> isOff(value) || values.stream().anyMatch(n -> equal(value, n))),
          key);
    }

    private static boolean equal(JsonNode value, Object neutral) {
      return neutral instanceof Number number
          ? value.isNumber() && value.doubleValue() == number.doubleValue()
          : value.isTextual() && value.textValue().equals(neutral);
    }

    private Builder put(Entry entry, String... keys) {
      for (String key : List.of(keys)) {
        if (entries.put(key, entry) != null) {
          throw new IllegalArgumentException(key + ": expected once in the table, found twice");
        }
      }
      return this;
    }

    /** The table. */
    public KeyTable build() {
      return new KeyTable(entries);
    }
  }
}
