"""Frames of a film: the same task as examples/frames.yaml."""

import containertask as ct

task = ct.ContainerTask(
    "frames",
    "linuxserver/ffmpeg:7.1.1",
    [
        "ffmpeg",
        "-hide_banner",
        "-i",
        "{{.inputs.film.path}}",
        "-vf",
        "fps=1/10",
        "/var/outputs/pictures-%03d.jpg",
    ],
    inputs={"film": ct.Input(ct.File, layout="NamedDir")},
    outputs={"pictures": ct.Output(list[ct.File], glob="pictures-*.jpg")},
    resources=ct.Resources(cpu=(2, 4), memory="2Gi"),
)
inputs = {"film": ct.File(uri="s3://team-data/films/launch.mp4")}

if __name__ == "__main__":
    for picture in task.submit(**inputs).outputs.pictures:
        print(picture.download())
