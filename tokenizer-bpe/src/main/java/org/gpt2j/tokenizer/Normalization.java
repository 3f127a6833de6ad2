package org.gpt2j.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The {@code normalizer} of {@code tokenizer.json}: Unicode normalization forms (Unicode Standard
 * Annex #15), applied one after another. Immutable.
 *
 * @param forms what to apply, in order; empty for none
 */
record Normalization(List<Normalizer.Form> forms) {
  static final Normalization NONE = new Normalization(List.of());

  /**
   * Most combining marks that are put in order together. No writing has more on one letter, and the
   * JDK takes the square of their number to order them: a megabyte of them would take minutes.
   */
  private static final int MARKS = 128;

  Normalization {
    forms = List.copyOf(forms);
  }

  String apply(String text) {
    String result = text;
    for (Normalizer.Form form : forms) {
      result = apply(form, result);
    }
    return result;
  }

  private static String apply(Normalizer.Form form, String text) {
    StringBuilder out = null;
    int start = 0;
    int marks = 0;
    int next;
    for (int at = 0; at < text.length(); at = next) {
      int c = text.codePointAt(at);
      next = at + Character.charCount(c);
      marks = isMark(c) ? marks + 1 : 0;
      if (marks > MARKS) {
        out = out == null ? new StringBuilder(text.length()) : out;
        out.append(Normalizer.normalize(text.substring(start, at), form));
        start = at;
        marks = 1;
      }
    }
    String rest = Normalizer.normalize(text.substring(start), form);
    return out == null ? rest : out.append(rest).toString();
  }

  /** Whether a code point is one that normalization may move past another. */
  static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          true;
      // The halfwidth voiced marks are letters, but become combining marks under NFKC and NFKD.
      default -> c == 0xFF9E || c == 0xFF9F;
    };
  }

  static Normalization read(Path file, JsonNode node) throws TokenizerFormatException {
    List<Normalizer.Form> forms = new ArrayList<>();
    for (JsonNode part : Json.sequence(file, "normalizer", node, "normalizers")) {
      String type = Json.getText(file, "normalizer.type", part.path("type"), "nothing");
      forms.add(
          Arrays.stream(Normalizer.Form.values())
              .filter(form -> form.name().equals(type))
              .findFirst()
              .orElseThrow(
                  () ->
                      Json.notSupported(file, "normalizer", "null, NFC, NFD, NFKC or NFKD", type)));
    }
    return new Normalization(forms);
  }

  JsonNode toJson() {
    if (forms.isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    if (forms.size() == 1) {
      return Json.newObject().put("type", forms.get(0).name());
    }
    ObjectNode node = Json.newObject().put("type", "Sequence");
    var parts = node.putArray("normalizers");
    forms.forEach(form -> parts.addObject().put("type", form.name()));
    return node;
  }
}
