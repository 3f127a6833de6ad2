package org.gpt2j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A Content-Type (RFC 9110, 8.3), as far as it tells how a body is read.
 *
 * @param essence type and subtype, in small letters
 * @param charsets values of its parameters named charset, in small letters and without quotes
 */
record MediaType(String essence, List<String> charsets) {
  /** ASCII is UTF-8 too. */
  private static final Set<String> UTF_8 = Set.of("utf-8", "utf8", "us-ascii", "ascii", "");

  /** Takes a header apart; whatever its parameters hold, it has a type. */
  static MediaType parse(String header) {
    List<String> parts = split(header);
    List<String> charsets = new ArrayList<>();
    for (String part : parts.subList(1, parts.size())) {
      String[] parameter = part.split("=", 2);
      if (parameter.length == 2 && parameter[0].strip().equalsIgnoreCase("charset")) {
        String value = parameter[1].strip().replaceAll("^\"|\"$", "").strip();
        charsets.add(value.toLowerCase(Locale.ROOT));
      }
    }
    return new MediaType(parts.get(0).strip().toLowerCase(Locale.ROOT), charsets);
  }

  /** What stands between semicolons that are not in quotes. */
  private static List<String> split(String header) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && quoted) {
        i++; // what it escapes may be a quote
      } else if (c == ';' && !quoted) {
        parts.add(header.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(header.substring(start));
    return parts;
  }

  /**
   * Whether it stands for JSON in UTF-8. JSON's types are those of WHATWG's MIME Sniffing Standard;
   * JSON defines no parameters (RFC 8259), but a charset would be a promise that is not kept.
   */
  boolean isJson() {
    return essence.matches("(application|text)/json|[a-z]+/[\\w!#$&^.+-]+\\+json")
        && UTF_8.containsAll(charsets);
  }
}
