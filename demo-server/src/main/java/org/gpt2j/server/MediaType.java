package org.gpt2j.server;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A Content-Type (RFC 9110, 8.3), as far as it tells how a body is read.
 *
 * @param essence type and subtype, in small letters
 * @param charsets values of its parameters named charset, in small letters and without quotes
 */
record MediaType(String essence, List<String> charsets) {
  /** ASCII is UTF-8 too. */
  private static final Set<String> UTF_8 = Set.of("utf-8", "utf8", "us-ascii", "ascii", "");

  /**
   * The type of a call's body, which is not compressed. That it must be named keeps pages of other
   * sites out too: without asking first they may send text/plain, what forms send, and no type.
   *
   * @param wanted whether a type is one that can be read, which none of those may be
   * @param expected what those types are called
   * @throws ApiException if there is no type, are several or another one, or the body is compressed
   */
  static MediaType ofBody(Call call, Predicate<MediaType> wanted, String expected)
      throws ApiException {
    List<String> types = call.headers("Content-Type");
    MediaType type = types.size() == 1 ? parse(types.get(0)) : null;
    if (type == null || !wanted.test(type)) {
      throw unsupported("Content-Type: expected " + expected, types);
    }
    List<String> encodings = call.headers("Content-Encoding");
    if (!encodings.stream().allMatch("identity"::equalsIgnoreCase)) {
      throw unsupported("Content-Encoding: expected a body that is not compressed", encodings);
    }
    return type;
  }

  private static ApiException unsupported(String expected, List<String> found) {
    String values = found.isEmpty() ? "none" : ApiException.quoted(String.join(", ", found));
    return new ApiException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, expected + ", found " + values + ".");
  }

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
   * The charset that is named; null where none is.
   *
   * @throws ApiException if it is none that is known here, or there are several
   */
  Charset charset() throws ApiException {
    List<String> names = charsets.stream().filter(name -> !name.isEmpty()).distinct().toList();
    if (names.isEmpty()) {
      return null;
    }
    try {
      if (names.size() == 1) {
        return Charset.forName(names.get(0));
      }
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      // as if there were several
    }
    throw unsupported("Content-Type: expected a charset such as utf-8 or windows-1252", names);
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
