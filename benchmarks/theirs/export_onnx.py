"""Writes model.onnx and its dynamically quantised model-int8.onnx from a seeded classifier:
`python export_onnx.py INPUTS`. The graph takes right-padded input_ids and attention_mask [B, T] and
gives the logits [B, 2] at each sequence's last token.
"""

import os
import sys
import tempfile

import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import GPT2ForSequenceClassification


class Logits(torch.nn.Module):
    """transformers' classifier with the pooled token taken from the mask, which exports plainly."""

    def __init__(self, model):
        super().__init__()
        self.transformer, self.score = model.transformer, model.score

    def forward(self, input_ids, attention_mask):
        # Causal attention never looks at the padding to the right, so no mask is needed in it.
        hidden = self.transformer(input_ids=input_ids, use_cache=False).last_hidden_state
        last = attention_mask.sum(1) - 1
        return self.score(hidden[torch.arange(hidden.shape[0]), last])


def main(inputs: str):
    directory = os.path.join(inputs, "onnx")
    os.makedirs(directory, exist_ok=True)
    model = GPT2ForSequenceClassification.from_pretrained(os.path.join(inputs, "model")).eval()
    ids = torch.randint(0, 50257, (3, 11))
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    names = {0: "batch", 1: "tokens"}
    path = os.path.join(directory, "model.onnx")
    torch.onnx.export(
        Logits(model).eval(), (ids, mask), path, dynamo=True, external_data=True,
        input_names=["input_ids", "attention_mask"], output_names=["logits"],
        dynamic_shapes={"input_ids": names, "attention_mask": names})

    with tempfile.TemporaryDirectory() as scratch:
        prepared = os.path.join(scratch, "prepared.onnx")
        quant_pre_process(path, prepared, save_as_external_data=True)
        quantize_dynamic(
            prepared, os.path.join(directory, "model-int8.onnx"), weight_type=QuantType.QInt8,
            per_channel=True, op_types_to_quantize=["MatMul", "Gemm"])

    # The fp32 graph must say what PyTorch says, on another batch than the exported one.
    ids = torch.randint(0, 50257, (2, 30))
    mask = torch.ones_like(ids)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    got = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    with torch.no_grad():
        want = model(input_ids=ids, attention_mask=mask).logits.numpy()
    assert abs(got - want).max() < 1e-3, abs(got - want).max()


if __name__ == "__main__":
    main(sys.argv[1])
