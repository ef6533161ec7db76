"""The steps of a model as ONNX operators; `onnx_file` puts them together."""
