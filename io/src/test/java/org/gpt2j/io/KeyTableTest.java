package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTableTest {
  private static final KeyTable TABLE =
      KeyTable.builder()
          .obeyed("r")
          .withoutEffect("peft_version")
          .refused("use_dora")
          .refusedUnless("num_beams", 1)
          .refusedUnless("mode", "plain", "simple")
          .build();

  private static String warnings(String json) {
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      TABLE.check("some/config.json", JsonFile.parse(json));
    } finally {
      System.setErr(err);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"r\": 8, \"peft_version\": \"9.9\"}",
        "{\"use_dora\": false, \"num_beams\": 1.0, \"mode\": \"plain\"}",
        "{\"use_dora\": null, \"num_beams\": null, \"mode\": \"\"}",
        "{\"mode\": \"simple\"}",
        "{\"of_next_year\": null, \"other\": {}, \"more\": [], \"last\": false}"
      })
  void passesWhatIsKnownAndWhatIsOff(String json) {
    assertThat(warnings(json)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"17", "true", "\"on\"", "{\"a\": 1}", "[0]"})
  void warnsOfAnUnknownKeyThatIsOn(String value) {
    assertThat(warnings("{\"of_next_year\": " + value + "}"))
        .contains("some/config.json: of_next_year: this key is not known here and not obeyed")
        .contains(value.replace(" ", ""));
  }

  @Test
  void spellsOutControlCharactersOfAKey() {
    assertThat(warnings("{\"a\\u001b[31m\": 1}")).contains("a\\u001b[31m: this key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"use_dora\": true}",
        "{\"num_beams\": 4}",
        "{\"mode\": \"other\"}",
        "{\"mode\": 1}"
      })
  void refusesWhatWouldChangeAResult(String json) {
    String key = json.substring(2, json.indexOf('"', 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TABLE.check("f", JsonFile.parse(json)))
        .withMessageStartingWith(key + ": this option is not supported, found ");
  }

  @Test
  void takesEachKeyOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyTable.builder().obeyed("r").refused("r"))
        .withMessage("r: expected once in the table, found twice");
    assertThatCode(() -> KeyTable.builder().build()).doesNotThrowAnyException();
  }

  @Test
  void listsKeysByEffect() {
    assertThat(TABLE.keys(KeyTable.Effect.REFUSED))
        .containsExactly("mode", "num_beams", "use_dora");
    assertThat(TABLE.keys(KeyTable.Effect.OBEYED)).containsExactly("r");
  }
}
