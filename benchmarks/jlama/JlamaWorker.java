import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.model.functions.Generator.Response;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.prompt.PromptContext;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.UUID;

/** Jlama's side of compare.py's decode: {@code JlamaWorker decode INPUTS}, see theirs/worker.py. */
public class JlamaWorker {
  public static void main(String[] args) throws Exception {
    JsonMapper mapper = new JsonMapper();
    JsonNode task = mapper.readTree(new File(args[1], "decode.json"));
    AbstractModel model =
        ModelSupport.loadModel(new File(args[1], "jlama"), DType.F32, DType.F32);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Object answer =
          switch (line.split(" ")[0]) {
            case "items" -> Map.of("items", 1);
            case "check" -> Map.of("check", new int[] {generate(model, task).promptTokens});
            case "run" -> {
              long start = System.nanoTime();
              generate(model, task);
              yield Map.of("seconds", new double[] {(System.nanoTime() - start) / 1e9});
            }
            default -> throw new IllegalArgumentException("unknown command " + line);
          };
      System.out.println(mapper.writeValueAsString(answer));
    }
  }

  private static Response generate(AbstractModel model, JsonNode task) {
    int prompt = task.get("prompt").size();
    int wanted = task.get("newTokens").intValue();
    // Its limit counts the prompt and is never reached.
    Response response =
        model.generate(
            UUID.randomUUID(),
            PromptContext.of(task.get("text").textValue()),
            0,
            prompt + wanted + 1,
            (token, time) -> {});
    if (response.promptTokens != prompt || response.generatedTokens != wanted) {
      throw new IllegalStateException(
          "expected %d + %d tokens, found %d + %d"
              .formatted(prompt, wanted, response.promptTokens, response.generatedTokens));
    }
    return response;
  }
}
