FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/livechat
COPY requirements.txt requirements.lock ./
RUN pip install -r requirements.txt -c requirements.lock
COPY . .
# the pages' files are collected into the image; the address is needed only to load the settings
RUN LIVECHAT_DEV=0 VAR=/srv/build SECRET_KEY=build-only-build-only-build-only-1 PUBLIC_ORIGIN=https://build.invalid \
    EMAIL_URL=smtp://build.invalid STATIC_ROOT=/srv/static python manage.py collectstatic --noinput \
 && useradd --system --create-home livechat && mkdir /data && chown livechat /data && rm -rf /srv/build
ENV STATIC_ROOT=/srv/static
USER livechat
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "run"]
