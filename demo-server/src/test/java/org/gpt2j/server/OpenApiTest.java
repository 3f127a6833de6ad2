package org.gpt2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.gpt2j.io.JsonFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description says what the server does. */
class OpenApiTest {
  @TempDir static Path directory;
  private static TestServer server;
  private static ObjectNode api;

  @BeforeAll
  static void start() throws Exception {
    ServedModel model = TestModel.load(TestModel.saveAdapter(directory));
    server = new TestServer(TestServer.options(), model);
    api = JsonFile.parse(server.get("/openapi.json").body());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  @Test
  void namesEveryRouteAndMethod() {
    Map<String, List<String>> described =
        api.path("paths").properties().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    path ->
                        names(path.getValue()).stream()
                            .map(method -> method.toUpperCase(Locale.ROOT))
                            .toList()));
    Map<String, List<String>> answered =
        server.server.routes().stream()
            .collect(
                Collectors.toMap(Route::path, route -> List.copyOf(route.handlers().keySet())));
    assertThat(described).isEqualTo(answered);
  }

  @Test
  void namesEveryErrorCode() {
    JsonNode codes = api.at("/components/schemas/Error/properties/error/properties/code/enum");
    assertThat(codes)
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(Arrays.stream(ErrorCode.values()).map(ErrorCode::code).toList());
  }

  @Test
  void namesTheLimits() {
    JsonNode schemas = api.at("/components/schemas");
    assertThat(schemas.at("/ClassifyText/properties/text/maxLength").asInt())
        .isEqualTo(schemas.at("/ClassifyTexts/properties/texts/items/maxLength").asInt())
        .isEqualTo(schemas.at("/Generate/properties/prompt/maxLength").asInt())
        .isEqualTo(Limits.CHARACTERS);
    assertThat(schemas.at("/ClassifyTexts/properties/texts/maxItems").asInt())
        .isEqualTo(Limits.TEXTS);
    assertThat(schemas.at("/Generate/properties/max_new_tokens/maximum").asInt())
        .isEqualTo(Limits.NEW_TOKENS);
    assertThat(schemas.at("/Table/properties/problems/maxItems").asInt())
        .isEqualTo(Limits.BROKEN_ROWS);
    assertThat(schemas.at("/Generate/properties/stop/maxItems").asInt()).isEqualTo(Limits.STOPS);
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    for (JsonNode reference : api.findValues("$ref")) {
      assertThat(api.at(reference.asText().substring(1)).isMissingNode())
          .as(reference.asText())
          .isFalse();
    }
  }

  @Test
  void answersHaveTheirSchemas() throws Exception {
    ObjectNode explained = TestServer.text("see you at home").put("explain", true);
    check("Classification", server.classify(explained));
    check("Classifications", server.classify(TestServer.texts(List.of("see", "you"))));
    check("Model", JsonFile.parse(server.get("/api/model").body()));
    check("Health", JsonFile.parse(server.get("/health").body()));
    check("Error", JsonFile.parse(server.get("/nothing").body()));
  }

  @Test
  void tablesHaveTheirSchema() throws Exception {
    for (String file : List.of("id,text\n1,a\n2\n", "ham,a\n", "a line")) {
      for (String type : names(api.at("/paths/~1api~1table/post/requestBody/content"))) {
        HttpRequest request =
            server
                .request("/api/table")
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString("text\n" + file))
                .build();
        check("Table", JsonFile.parse(server.send(request).body()));
      }
    }
  }

  @Test
  void answersOfOtherProblemTypesHaveTheirSchemas() throws Exception {
    for (String type : List.of("multi_label_classification", "regression")) {
      Path dir = TestModel.saveWhole(directory.resolve(type), type, "a", "b");
      try (TestServer other = new TestServer(TestServer.options(), TestModel.load(dir))) {
        check("Model", JsonFile.parse(other.get("/api/model").body()));
        ObjectNode explained = TestServer.text("see you at home").put("explain", true);
        check("Classification", other.classify(explained));
        check("Classifications", other.classify(TestServer.texts(List.of("see", "you"))));
      }
    }
  }

  private static void check(String schema, JsonNode value) {
    checkValue(schema, api.at("/components/schemas/" + schema), value);
  }

  /** As much of JSON Schema as the description uses. */
  private static void checkValue(String where, JsonNode schema, JsonNode value) {
    if (schema.has("$ref")) {
      checkValue(where, api.at(schema.path("$ref").asText().substring(1)), value);
      return;
    }
    String type =
        value.isObject()
            ? "object"
            : value.isArray()
                ? "array"
                : value.isTextual()
                    ? "string"
                    : value.isNull()
                        ? "null"
                        : value.isBoolean() ? "boolean" : value.isInt() ? "integer" : "number";
    if (schema.has("const")) {
      assertThat(value).as(where).isEqualTo(schema.get("const"));
      return;
    }
    JsonNode types = schema.path("type");
    List<String> allowed = types.isTextual() ? List.of(types.asText()) : strings(types);
    assertThat(allowed).as(where).containsAnyOf(type, type.equals("integer") ? "number" : type);
    value.forEach(item -> checkItem(where, schema, item));
    if (value.isObject()) {
      assertThat(names(value)).as(where).containsAll(strings(schema.path("required")));
      value
          .properties()
          .forEach(
              field -> {
                JsonNode property = schema.path("properties").path(field.getKey());
                checkValue(
                    where + "." + field.getKey(),
                    property.isMissingNode() ? schema.path("additionalProperties") : property,
                    field.getValue());
              });
    }
  }

  private static void checkItem(String where, JsonNode schema, JsonNode item) {
    if (schema.has("items")) {
      checkValue(where + "[]", schema.path("items"), item);
    }
  }
}
